//! Files that are either as they were or written whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::CheckpointError;

/// Writes a file so that a killed process, a full disk or a power cut leaves what was there before, whole.
///
/// The bytes go to a file `.name.tmp` in the same directory; when they have reached the disk it takes the name of the
/// file, and that is one step for the file system. If `contents` fails, the temporary file is removed. One that a killed
/// process has left is overwritten by the next write to the same path.
///
/// * Two writers of the same path, threads or processes, wait for each other: the temporary file is locked. The file is
///   that of the last one.
/// * A symbolic link stays, and the file that it points to is replaced. Other names of the file (hard links) keep the
///   old contents.
/// * The permissions of the file stay. One that is read-only is not replaced.
/// * What is no regular file, as a pipe or `/dev/stdout`, is written to directly.
///
/// ```
/// use std::io::Write;
/// use nn::checkpoint::write_atomically;
/// let path = std::env::temp_dir().join(format!("written-{}.txt", std::process::id()));
/// write_atomically(&path, |out| out.write_all(b"first"))?;
/// let failed = write_atomically(&path, |out| {
///     out.write_all(b"second")?;
///     Err(std::io::Error::other("no more of it"))
/// });
/// assert!(failed.unwrap_err().to_string().ends_with("no more of it"));
/// assert_eq!(std::fs::read(&path)?, b"first");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A directory is missing, the disk is full, the file is read-only …: the error names the path.
///
/// Source: the sequence write, `fsync`, `rename`, `fsync` of the directory is that of T. S. Pillai et al., *All file
/// systems are not created equal*, OSDI 2014.
pub fn write_atomically(
    path: impl AsRef<Path>,
    contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    write(path, contents).map_err(|error| CheckpointError::io(error).in_file(path))
}

fn write(path: &Path, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = follow_links(path)?;
    let permissions = match fs::metadata(&target) {
        Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => {
            return fill(OpenOptions::new().write(true).open(&target)?, contents).map(drop);
        }
        Ok(there) if there.permissions().readonly() => {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
        }
        Ok(there) => Some(there.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(name) = target.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(".tmp");
    let temporary = directory.join(temporary);

    let file = claim(&temporary).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("there is no directory {}", directory.display()))
        }
        _ => error,
    })?;
    let replace = || {
        file.set_len(0)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        fill(&file, contents)?.sync_all()?;
        fs::rename(&temporary, &target)
    };
    // The lock is held until `file` is closed at the end of this function: nobody else removes or renames it before.
    replace().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    sync_directory(directory)
}

/// The file that a path of symbolic links leads to; it need not be there.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40; // as Linux
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(path), // no link; what else may be wrong shows when the file is written
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn fill<F: Write>(file: F, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<F> {
    let mut out = BufWriter::new(file);
    contents(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Opens the temporary file, left over or new, and locks it. Only who holds the lock may rename or remove it, so that
/// what has this name while it is locked is what was locked.
fn claim(temporary: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(temporary)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => file.lock()?,
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // While this one waited, another writer may have given the file its final name.
        if is_at(&file, temporary)? {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is in the way", path.display())))
        }
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere the standard library cannot tell two files apart: there, two writers at once must be kept from each other
/// by who starts them.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> io::Result<bool> {
    fs::exists(path)
}

/// Brings the new name to the disk, where system, permissions and file system let a directory be opened and synced.
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory).and_then(|directory| directory.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    }
}
