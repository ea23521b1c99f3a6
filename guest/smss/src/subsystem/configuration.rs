//! What threads other than the first need of what the steps have found.

use alloc::sync::Arc;

use rt::sync::Mutex;

use crate::init::Init;

static CONFIGURATION: Mutex<Option<Arc<Init>>> = Mutex::new(None);

/// Gives everybody what there is now.
pub fn set(init: &Init) {
    *CONFIGURATION.lock() = Some(Arc::new(init.clone()));
}

/// What there was last; nothing before the registry has been read.
pub fn get() -> Option<Arc<Init>> {
    CONFIGURATION.lock().clone()
}
