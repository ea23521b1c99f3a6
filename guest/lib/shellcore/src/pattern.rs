//! Patterns of names: `*` and `?`.

/// Whether a name matches a pattern, in any case of ASCII letters. As on NT, `*.*` matches every name.
pub fn matches(pattern: &str, name: &str) -> bool {
    if pattern == "*.*" {
        return true;
    }
    let mut pattern = pattern.chars();
    let mut rest = name.chars();
    // Where to go on with the last `*` taking one character more.
    let mut again = None;
    loop {
        let before = (pattern.clone(), rest.clone());
        match (pattern.next(), rest.next()) {
            (Some('*'), _) => {
                again = Some((pattern.clone(), before.1.clone()));
                rest = before.1;
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted.eq_ignore_ascii_case(&found) => {}
            (None, None) => return true,
            _ => match again.take() {
                Some((star, mut from)) => {
                    if from.next().is_none() {
                        return false;
                    }
                    pattern = star.clone();
                    rest = from.clone();
                    again = Some((star, from));
                }
                None => return false,
            },
        }
    }
}
