//! Lines and what they mean.

use shellcore::{Command, Output, SyntaxError, expand, matches, parse};

fn one(line: &str) -> Command {
    let mut commands = parse(line).expect("a good line");
    assert_eq!(commands.len(), 1, "{line}");
    commands.remove(0)
}

#[test]
fn words_and_tails() {
    let command = one(r#"  copy  "C:\a b" c:\d "#);
    assert_eq!(
        (command.name.as_str(), command.words.as_slice()),
        ("copy", &[r"C:\a b".into(), r"c:\d".to_owned()][..])
    );
    assert_eq!(one(r#"echo "quoted"  text"#).tail, r#""quoted"  text"#);
    assert_eq!(one("echo").tail, "");
    assert_eq!(one("echo  x").tail, " x");
    assert_eq!(one(r#"x """#).words, [""]);
    assert_eq!(parse("   "), Ok(vec![]));
}

#[test]
fn redirections_are_taken_out() {
    let command = one(r#"echo hello > "C:\a > b" world"#);
    assert_eq!(command.output, Some(Output { path: r"C:\a > b".into(), append: false }));
    assert_eq!(command.words, ["hello", "world"]);
    assert_eq!(one("echo x >PRN").tail, "x");
    assert_eq!(one("dir>>out").output, Some(Output { path: "out".into(), append: true }));
    assert_eq!(one("more<in").input, Some("in".into()));
    assert_eq!(one("echo a ^> b").tail, "a > b");
    assert_eq!(one("echo a > b").output.map(|output| output.path), Some("b".into()));
}

#[test]
fn wrong_lines_are_named() {
    assert_eq!(parse("dir >"), Err(SyntaxError::Missing('>')));
    assert_eq!(parse("dir > & x"), Err(SyntaxError::Missing('>')));
    assert_eq!(parse("dir <"), Err(SyntaxError::Missing('<')));
    assert_eq!(parse("dir > a > b"), Err(SyntaxError::Twice('>')));
    assert_eq!(parse("dir < a < b"), Err(SyntaxError::Twice('<')));
}

#[test]
fn several_commands() {
    let commands = parse("echo a & echo b&&echo c &").expect("good");
    let tails: Vec<&str> = commands.iter().map(|command| command.tail.trim()).collect();
    assert_eq!(tails, ["a", "b", "c"]);
}

#[test]
fn variables() {
    let value = |name: &str| (name.eq_ignore_ascii_case("x")).then(|| "value".to_owned());
    assert_eq!(expand("a %x%%X% %y% 5% %%", value), "a valuevalue %y% 5% %%");
    assert_eq!(expand("%x", value), "%x");
}

#[test]
fn patterns() {
    for (pattern, name) in
        [("*", "abc"), ("*.*", "abc"), ("a?c", "ABC"), ("*b*", "abc"), ("*.exe", "x.exe.EXE"), ("", "")]
    {
        assert!(matches(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [("a", "ab"), ("?", ""), ("*.exe", "x.ex"), ("b*", "ab"), ("a*a", "a")] {
        assert!(!matches(pattern, name), "{pattern} {name}");
    }
    // Many stars do not take for ever.
    assert!(!matches(&"*a".repeat(50), &"a".repeat(49)));
}
