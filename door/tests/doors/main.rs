//! Doors: LibOSDP against the simulated locks of an unrelated implementation, over pseudo terminals and TCP on
//! this machine, with a server that the tests hold in their hands.

mod bus;
mod crash;
mod https;
mod server;
mod stage;
mod whole;
