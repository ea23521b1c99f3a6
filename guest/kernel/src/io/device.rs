//! Drivers and their devices, as objects.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hal::cell::KernelCell;
use iocore::Shares;
use nt::NtStatus;
use obns::Attributes;

use super::dispatch::Dispatch;
use crate::ob::body::Kind;
use crate::ob::{Body, Object, Security, namespace};
use crate::se;

/// A driver: code of the kernel that devices belong to.
#[derive(Debug)]
pub struct Driver {
    /// Its name below `\Driver` or `\FileSystem`.
    pub name: &'static str,
}

/// A device that can be opened by name.
#[derive(Debug)]
pub struct Device {
    /// Whose it is.
    pub driver: Arc<Driver>,
    /// `nt::file::device`.
    pub device_type: u32,
    /// `nt::file::characteristic`.
    pub characteristics: u32,
    /// What it does.
    pub dispatch: Box<dyn Dispatch>,
    /// Which of its files are open, and how.
    pub(super) shares: KernelCell<Shares>,
    /// Its path in the namespace, once it has one.
    path: KernelCell<Vec<u16>>,
}

impl Device {
    /// A device of a driver.
    pub fn new(
        driver: &Arc<Driver>,
        device_type: u32,
        characteristics: u32,
        dispatch: Box<dyn Dispatch>,
    ) -> Arc<Self> {
        Arc::new(Self {
            driver: driver.clone(),
            device_type,
            characteristics,
            dispatch,
            shares: KernelCell::new(Shares::new()),
            path: KernelCell::default(),
        })
    }

    /// Gives it a name that stays.
    ///
    /// # Errors
    /// What the object manager says.
    pub fn publish(self: &Arc<Self>, path: &[u16]) -> Result<(), NtStatus> {
        *self.path.lock() = path.into();
        namespace::create_permanent(path, &permanent(Body::Device(self.clone())))
    }
}

impl Device {
    /// Its path in the namespace; empty when it has none.
    pub fn path(&self) -> Vec<u16> {
        self.path.lock().clone()
    }
}

impl Driver {
    /// A driver with its object.
    ///
    /// # Errors
    /// What the object manager says.
    pub fn publish(path: &[u16], name: &'static str) -> Result<Arc<Self>, NtStatus> {
        let driver = Arc::new(Self { name });
        namespace::create_permanent(path, &permanent(Body::Driver(driver.clone())))?;
        Ok(driver)
    }
}

fn permanent(body: Body) -> Object {
    Object::new(body, Attributes::PERMANENT, Security::fixed(se::public(Kind::Device)))
}
