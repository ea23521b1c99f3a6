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
    /// Whether it can go again.
    pub can_be_unloaded: bool,
}

/// The objects of all drivers and devices.
static OBJECTS: KernelCell<Vec<Object>> = KernelCell::new(Vec::new());

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
        permanent(path, Body::Device(self.clone()))
    }

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
    pub fn publish(path: &[u16], name: &'static str, can_be_unloaded: bool) -> Result<Arc<Self>, NtStatus> {
        let driver = Arc::new(Self { name, can_be_unloaded });
        permanent(path, Body::Driver(driver.clone()))?;
        Ok(driver)
    }
}

/// Makes an object with a name that stays until its driver goes.
fn permanent(path: &[u16], body: Body) -> Result<(), NtStatus> {
    let object = Object::new(body, Attributes::PERMANENT, Security::fixed(se::public(Kind::Device)));
    namespace::create_permanent(path, &object)?;
    OBJECTS.lock().push(object);
    Ok(())
}

/// Whether a name is that of a driver.
pub fn is_name(name: &[u16], driver: &str) -> bool {
    name.len() == driver.len()
        && name
            .iter()
            .zip(driver.bytes())
            .all(|(&unit, byte)| u8::try_from(unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte)))
}

/// The loaded driver of a name.
pub fn find_driver(name: &[u16]) -> Option<Arc<Driver>> {
    OBJECTS.lock().iter().find_map(|object| match object.body() {
        Some(Body::Driver(driver)) if is_name(name, driver.name) => Some(driver.clone()),
        _ => None,
    })
}

/// Takes the names of a driver and of its devices away.
pub fn withdraw(driver: &Arc<Driver>) {
    let is_its = |object: &Object| match object.body() {
        Some(Body::Driver(other)) => Arc::ptr_eq(other, driver),
        Some(Body::Device(device)) => Arc::ptr_eq(&device.driver, driver),
        _ => false,
    };
    let (gone, rest) = core::mem::take(&mut *OBJECTS.lock()).into_iter().partition::<Vec<_>, _>(is_its);
    *OBJECTS.lock() = rest;
    for object in gone {
        namespace::names().make_temporary(&object);
    }
}
