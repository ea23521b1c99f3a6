//! The far end of a printer: files, PDFs and commands.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::Tray;
use super::pdf::Document;

/// Ends a page, and here a job.
const FORM_FEED: u8 = 0x0C;

/// After so many bytes it is looked whether a PDF has become too long.
const PIECE: usize = 256;

/// Where what is printed goes, opened.
#[derive(Debug)]
pub enum Sink {
    /// Nowhere.
    Null,
    /// To one file.
    File(File),
    /// To a file of its own for each job.
    Spool {
        /// Where.
        folder: PathBuf,
        /// Number of the job, from 1.
        number: u32,
        /// The file of the job that is being printed.
        job: Option<(File, PathBuf)>,
    },
    /// To a PDF of its own for each job.
    Pdf {
        /// Where.
        folder: PathBuf,
        /// Number of the job, from 1.
        number: u32,
        /// The job that is being printed, and the file it gets.
        job: Option<(Document, File, PathBuf)>,
    },
    /// To a command for each job.
    Exec {
        /// For `sh -c`.
        command: String,
        /// The one that runs.
        child: Option<Child>,
    },
}

impl Sink {
    /// Opens it: a file is emptied, a folder made.
    ///
    /// # Errors
    /// What the host says.
    pub fn open(tray: &Tray) -> io::Result<Self> {
        Ok(match tray {
            Tray::Null => Self::Null,
            Tray::File(path) => Self::File(File::create(path)?),
            Tray::Spool(folder) => {
                fs::create_dir_all(folder)?;
                Self::Spool { folder: folder.clone(), number: 1, job: None }
            }
            Tray::Pdf(folder) => {
                fs::create_dir_all(folder)?;
                Self::Pdf { folder: folder.clone(), number: 1, job: None }
            }
            Tray::Exec(command) => Self::Exec { command: command.clone(), child: None },
        })
    }

    /// Prints. A form feed ends a job, where jobs are told apart.
    ///
    /// # Errors
    /// What the host says.
    pub fn print(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Null => Ok(()),
            Self::File(file) => file.write_all(data),
            Self::Pdf { .. } => {
                for piece in data.chunks(PIECE) {
                    if self.lay_out(piece)? {
                        self.end_job()?;
                    }
                }
                Ok(())
            }
            Self::Spool { .. } | Self::Exec { .. } => {
                for piece in data.split_inclusive(|&byte| byte == FORM_FEED) {
                    self.print_piece(piece)?;
                    if piece.last() == Some(&FORM_FEED) {
                        self.end_job()?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Adds to a PDF; gives whether it is to have no more.
    fn lay_out(&mut self, piece: &[u8]) -> io::Result<bool> {
        let Self::Pdf { folder, number, job } = self else { return Ok(false) };
        let (document, ..) = match job {
            Some(job) => job,
            None => {
                let (file, path) = create_job(folder, number, "pdf")?;
                job.insert((Document::default(), file, path))
            }
        };
        document.print(piece);
        Ok(document.is_full())
    }

    fn print_piece(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Spool { folder, number, job } => {
                let (file, _) = match job {
                    Some(job) => job,
                    None => job.insert(create_job(folder, number, "prn")?),
                };
                file.write_all(piece)
            }
            Self::Exec { command, child } => {
                let child = match child {
                    Some(child) => child,
                    None => child.insert(
                        Command::new("sh")
                            .args(["-c", command])
                            .stdin(Stdio::piped())
                            .stdout(Stdio::null())
                            .spawn()?,
                    ),
                };
                match &mut child.stdin {
                    Some(stdin) => stdin.write_all(piece),
                    None => Ok(()),
                }
            }
            Self::Null | Self::File(_) | Self::Pdf { .. } => Ok(()),
        }
    }

    /// What was printed is one job. Nothing, if nothing was.
    ///
    /// # Errors
    /// What the host says; a command that failed.
    pub fn end_job(&mut self) -> io::Result<()> {
        match self {
            Self::Null => Ok(()),
            Self::File(file) => file.flush(),
            Self::Spool { job, .. } => match job.take() {
                // Whoever watches the folder sees whole jobs only.
                Some((_, path)) => fs::rename(&path, path.with_extension("prn")),
                None => Ok(()),
            },
            Self::Pdf { job, .. } => match job.take() {
                Some((document, mut file, path)) => {
                    file.write_all(&document.finish())?;
                    fs::rename(&path, path.with_extension("pdf"))
                }
                None => Ok(()),
            },
            Self::Exec { command, child } => match child.take() {
                Some(mut child) => {
                    drop(child.stdin.take());
                    let status = child.wait()?;
                    let failed = || io::Error::other(format!("{command:?} ended with {status}"));
                    if status.success() { Ok(()) } else { Err(failed()) }
                }
                None => Ok(()),
            },
        }
    }
}

/// Makes the file of the next job, `job-0001.part`, under a number that is free; it is to get that extension.
fn create_job(folder: &std::path::Path, number: &mut u32, extension: &str) -> io::Result<(File, PathBuf)> {
    loop {
        let path = folder.join(format!("job-{number:04}.part"));
        *number += 1;
        if path.with_extension(extension).exists() {
            continue;
        }
        match File::create_new(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &std::path::Path) -> Vec<(String, String)> {
        let mut found: Vec<_> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| {
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, fs::read_to_string(path).expect("text"))
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn a_file_for_each_job() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("job-0002.prn"), "old").expect("room");
        let mut sink = Sink::open(&Tray::Spool(folder.path().into())).expect("opens");
        sink.print(b"one").expect("prints");
        sink.print(b" page\x0Cnext").expect("prints");
        sink.end_job().expect("ends");
        sink.end_job().expect("nothing to end");
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let expected =
            [pair("job-0001.prn", "one page\x0C"), pair("job-0002.prn", "old"), pair("job-0003.prn", "next")];
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn a_pdf_that_becomes_too_long_goes_on_in_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sink = Sink::open(&Tray::Pdf(folder.path().into())).expect("opens");
        sink.print(&[FORM_FEED; 5000]).expect("prints");
        sink.end_job().expect("ends");
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names, 3);
    }

    #[test]
    fn a_command_for_each_job_and_its_failure_is_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("out");
        let mut sink = Sink::open(&Tray::Exec(format!("cat >> {}", file.display()))).expect("opens");
        sink.print(b"first\x0Csecond").expect("prints");
        sink.end_job().expect("ends");
        assert_eq!(fs::read_to_string(&file).expect("text"), "first\x0Csecond");
        let mut sink = Sink::open(&Tray::Exec("cat > /dev/null; exit 3".into())).expect("opens");
        sink.print(b"x").expect("prints");
        assert!(sink.end_job().is_err());
    }
}
