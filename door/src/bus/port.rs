//! A line that bytes go over: a serial port, or TCP on this machine. Reading and writing never block.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// How long a connection on this machine may take.
const CONNECT: Duration = Duration::from_millis(500);

/// An open line.
#[derive(Debug)]
pub(crate) enum Port {
    /// A serial port, or one end of a pseudo terminal.
    Serial(File),
    /// TCP.
    Tcp(TcpStream),
}

impl Port {
    /// Opens the serial port at `path`, raw, with `baud` bits per second.
    pub(crate) fn serial(path: &str, baud: u32) -> io::Result<Self> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
        raw(&file, baud)?;
        Ok(Self::Serial(file))
    }

    pub(crate) fn tcp(address: SocketAddr) -> io::Result<Self> {
        Self::connected(TcpStream::connect_timeout(&address, CONNECT)?)
    }

    pub(crate) fn connected(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream))
    }

    /// What has come; nothing is 0. The end of a TCP connection is an error.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match self {
            Self::Serial(file) => file.read(into),
            Self::Tcp(stream) => match stream.read(into) {
                Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
                other => other,
            },
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            other => other,
        }
    }

    /// Writes what can be written now, and gives how much that was.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self {
            Self::Serial(file) => file.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            other => other,
        }
    }
}

/// No echo, no line editing, no translation.
pub(crate) fn raw(file: &File, baud: u32) -> io::Result<()> {
    let mut settings: Termios = tcgetattr(file)?;
    settings.make_raw();
    settings.set_speed(baud)?;
    tcsetattr(file, OptionalActions::Now, &settings)?;
    Ok(())
}
