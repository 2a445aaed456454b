//! A file is either as it was or written whole, whatever happens meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nn::checkpoint::{Checkpoint, CheckpointErrorKind, write_atomically};
use nn::{Generator, Init, Params};

/// A directory of one test, removed with all that is in it when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("chainrule-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Names of the files in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn put(path: &Path, bytes: &[u8]) {
    write_atomically(path, |out| out.write_all(bytes)).unwrap();
}

#[test]
fn a_failure_leaves_the_file_before_and_nothing_else() {
    let folder = Folder::new("failure");
    let path = folder.file("a.bin");
    put(&path, b"before");
    let error = write_atomically(&path, |out| {
        out.write_all(&vec![1; 100_000])?;
        Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
    });
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), format!("{}: no space left", path.display()));
    assert_eq!((error.kind(), error.path()), (CheckpointErrorKind::Io, Some(&*path)));
    assert_eq!(fs::read(&path).unwrap(), b"before");
    assert_eq!(folder.names(), ["a.bin"]);
}

#[test]
fn a_panic_leaves_the_file_before() {
    let folder = Folder::new("panic");
    let path = folder.file("a.bin");
    put(&path, b"before");
    let attempt = std::panic::catch_unwind(|| write_atomically(&path, |_| panic!("in the middle")));
    assert!(attempt.is_err());
    assert_eq!(fs::read(&path).unwrap(), b"before");
    put(&path, b"after");
    assert_eq!((fs::read(&path).unwrap(), folder.names()), (b"after".to_vec(), vec!["a.bin".into()]));
}

/// What a killed process leaves is longer than what comes next.
#[test]
fn what_a_killed_process_left_is_overwritten_and_gone() {
    let folder = Folder::new("stale");
    let path = folder.file("a.bin");
    fs::write(folder.file(".a.bin.tmp"), [7; 1000]).unwrap();
    put(&path, b"new");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(folder.names(), ["a.bin"]);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = Folder::new("places");
    let params = Params::<f32>::seeded(42);
    let missing = folder.file("no/such/model.safetensors");
    let text = params.save(&missing).unwrap_err().to_string();
    let directory = folder.file("no/such");
    assert_eq!(text, format!("{}: there is no directory {}", missing.display(), directory.display()));
    let text = Checkpoint::new().write(&folder.0).unwrap_err().to_string();
    assert!(text.starts_with(&format!("{}: ", folder.0.display())) && text.contains("directory"), "{text}");
    assert!(params.save("").is_err() && params.save("/").is_err() && params.save("..").is_err());
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_name_alone_is_a_file_of_the_working_directory() {
    let name = format!("chainrule-name-{}.bin", std::process::id());
    put(Path::new(&name), b"here");
    assert_eq!(fs::read(Path::new(".").join(&name)).unwrap(), b"here");
    fs::remove_file(name).unwrap();
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_read_only_file_too() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("permissions");
    let path = folder.file("a.bin");
    put(&path, b"first");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    put(&path, b"second");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    let text = write_atomically(&path, |out| out.write_all(b"third")).unwrap_err().to_string();
    assert_eq!(text, format!("{}: the file is read-only", path.display()));
    assert_eq!((fs::read(&path).unwrap(), folder.names()), (b"second".to_vec(), vec!["a.bin".into()]));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("links");
    fs::create_dir(folder.file("runs")).unwrap();
    let [file, link, second] = ["runs/7.bin", "runs/newest", "best"].map(|name| folder.file(name));
    symlink("7.bin", &link).unwrap();
    symlink("runs/newest", &second).unwrap();
    put(&second, b"at the end of two links, where nothing was");
    put(&second, b"new");
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert!(
        fs::symlink_metadata(&second).unwrap().is_symlink()
            && fs::symlink_metadata(&link).unwrap().is_symlink()
    );
    let ring = folder.file("ring");
    symlink("ring", &ring).unwrap();
    assert!(write_atomically(&ring, |_| Ok(())).is_err());
    // Somebody else's link in the place of the temporary file is not followed into their file.
    symlink("runs/7.bin", folder.file(".a.bin.tmp")).unwrap();
    let text = write_atomically(folder.file("a.bin"), |out| out.write_all(b"x")).unwrap_err().to_string();
    assert!(text.ends_with(".a.bin.tmp is in the way"), "{text}");
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

/// The device that is always full is written to, not replaced.
#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to() {
    use std::os::unix::fs::FileTypeExt;
    let error = Params::<f32>::seeded(42).save("/dev/full").unwrap_err();
    assert!(error.to_string().starts_with("/dev/full: No space left on device"), "{error}");
    put(Path::new("/dev/null"), b"gone");
    for device in ["/dev/full", "/dev/null"] {
        assert!(fs::metadata(device).unwrap().file_type().is_char_device());
    }
}

#[test]
fn two_writers_wait_for_each_other() {
    let folder = Folder::new("writers");
    let path = folder.file("a.bin");
    let path = &path;
    std::thread::scope(|scope| {
        for byte in 0..4u8 {
            scope.spawn(move || {
                for _ in 0..25 {
                    write_atomically(path, |out| {
                        for _ in 0..50 {
                            out.write_all(&[byte; 1000])?;
                        }
                        Ok(())
                    })
                    .unwrap();
                    let read = fs::read(path).unwrap();
                    assert!(read.len() == 50_000 && read.iter().all(|&b| b == read[0]));
                }
            });
        }
    });
    assert_eq!(folder.names(), ["a.bin"]);
}

const ROLE: &str = "CHAINRULE_TEST_WRITES_TO";

/// Starts this test program again, with this one test in another role.
fn again(test: &str, path: &Path, before: &str) -> Command {
    let mut command = Command::new("sh");
    let run = format!("{before} exec \"$0\" --exact atomic_writes::{test} --nocapture");
    command.args(["-c", &run]).arg(std::env::current_exe().unwrap()).env(ROLE, path);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command
}

/// Parameters whose numbers are all the same, so that half of one version and half of another are seen.
fn version(number: u32) -> Params<f32> {
    let mut params = Params::seeded(42);
    for name in ["a", "b", "c"] {
        params.insert(name, ([50_000], vec![number as f32; 50_000]));
    }
    params
}

/// A process that does nothing but save is killed at twenty moments, some of them within the first write.
#[cfg(unix)]
#[test]
fn a_killed_process_leaves_a_whole_file() {
    if let Some(path) = std::env::var_os(ROLE) {
        let begin = Instant::now(); // so that it ends even if nobody kills it
        for number in (0..).take_while(|_| begin.elapsed() < Duration::from_secs(120)) {
            Checkpoint::new()
                .with_params(&version(number))
                .with_counts("version", &[number.into()])
                .write(&path)
                .unwrap();
        }
    }
    let folder = Folder::new("killed");
    let path = folder.file("run.safetensors");
    let mut generator = Generator::seeded(20);
    let (mut kills, mut in_the_middle) = (0, 0);
    // Twenty, and more only where saves are so fast that none of them was hit.
    while kills < 20 || in_the_middle == 0 {
        assert!(kills < 500, "no process was killed in the middle of a save");
        let mut child = again("a_killed_process_leaves_a_whole_file", &path, "").spawn().unwrap();
        let begin = Instant::now();
        // The first save of the first process is awaited, so that there is something to lose.
        while !path.exists() && begin.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(10_000 + generator.below(50_000) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        in_the_middle += usize::from(folder.file(".run.safetensors.tmp").exists());

        let checkpoint = Checkpoint::read(&path).unwrap();
        let number = checkpoint.counts("version").unwrap()[0];
        let mut params = version(u32::MAX);
        checkpoint.restore_params(&mut params).unwrap();
        let values = params.iter().flat_map(|(_, _, values)| values.iter().copied().collect::<Vec<_>>());
        assert!(values.into_iter().all(|x| x == number as f32));
        kills += 1;
    }
    version(1).save(&path).unwrap();
    assert_eq!(folder.names(), ["run.safetensors"]);
}

/// The system refuses to let the file grow, as a full disk does.
#[cfg(unix)]
#[test]
fn no_room_leaves_the_file_before() {
    if let Some(path) = std::env::var_os(ROLE) {
        let error = version(2).save(&path).unwrap_err();
        assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
        return;
    }
    let folder = Folder::new("room");
    let path = folder.file("model.safetensors");
    let mut small = Params::<f32>::seeded(42);
    small.add("w", &[2], Init::HeNormal);
    small.save(&path).unwrap();
    // 64 blocks of 512 or 1024 bytes; the signal that would kill the process is ignored.
    let status =
        again("no_room_leaves_the_file_before", &path, "trap '' XFSZ; ulimit -f 64;").status().unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(fs::read(&path).unwrap(), small.to_bytes());
    assert_eq!(folder.names(), ["model.safetensors"]);
}
