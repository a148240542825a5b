//! The platform under the application: storage in files, real randomness, and which backend does what.

use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng as _;
use trussed::backend::{Backend as _, BackendId};
use trussed::pipe::TrussedChannel;
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl as _};
use trussed::service::ServiceResources;
use trussed::types::Context;
use trussed::virt::{Client, Runner, StorageConfig, Store, StoreConfig, UserInterface};
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply, request};
use trussed_core::types::Location;
use trussed_hpke::HpkeExtension;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

/// Runs `run` with a client of a platform whose storage lies in `folder`.
pub(crate) fn with_client<R>(folder: &Path, run: impl FnOnce(Client<'_, Dispatch>) -> R) -> R {
    let mut store = StoreConfig {
        internal: StorageConfig::filesystem(folder.join("internal")),
        external: StorageConfig::filesystem(folder.join("external")),
        volatile: StorageConfig::ram(),
    };
    store.with_store(|store| {
        let platform = Platform { random: seeded(), store, ui: UserInterface::new() };
        let channel = TrussedChannel::new();
        let mut runner = Runner::new();
        let (requester, responder) = channel.split().expect("a channel that is new can be split");
        runner.add_endpoint(responder, "piv", BACKENDS);
        let client = Client::new(requester, runner.syscall(), None);
        runner.run(platform, Dispatch::new(), || run(client))
    })
}

/// The simulated platform that comes with Trussed has a constant seed: all its cards make the same keys.
fn seeded() -> ChaCha8Rng {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system has randomness");
    ChaCha8Rng::from_seed(seed)
}

struct Platform<'a> {
    random: ChaCha8Rng,
    store: Store<'a>,
    ui: UserInterface,
}

impl<'a> trussed::platform::Platform for Platform<'a> {
    type R = ChaCha8Rng;
    type S = Store<'a>;
    type UI = UserInterface;

    fn rng(&mut self) -> &mut Self::R {
        &mut self.random
    }

    fn store(&self) -> Self::S {
        self.store
    }

    fn user_interface(&mut self) -> &mut Self::UI {
        &mut self.ui
    }
}

/// In the order in which they are asked.
const BACKENDS: &[BackendId<Backend>] =
    &[BackendId::Custom(Backend::Staging), BackendId::Custom(Backend::Auth), BackendId::Core];

/// Who does what Trussed's core does not.
pub(crate) enum Backend {
    /// PINs and PUKs.
    Auth,
    /// Large files, wrapped keys, HPKE.
    Staging,
}

pub(crate) enum Extension {
    Auth,
    Chunked,
    Hpke,
    WrapKeyToFile,
}

impl From<Extension> for u8 {
    fn from(extension: Extension) -> Self {
        extension as Self
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;

    fn try_from(id: u8) -> Result<Self, Error> {
        [Self::Auth, Self::Chunked, Self::Hpke, Self::WrapKeyToFile]
            .into_iter()
            .nth(id.into())
            .ok_or(Error::InternalError)
    }
}

pub(crate) struct Dispatch {
    auth: AuthBackend,
    staging: StagingBackend,
}

#[derive(Default)]
pub(crate) struct Contexts {
    auth: AuthContext,
    staging: StagingContext,
}

impl Dispatch {
    fn new() -> Self {
        Self {
            auth: AuthBackend::new(Location::Internal, FilesystemLayout::V0),
            staging: StagingBackend::new(),
        }
    }
}

impl ExtensionDispatch for Dispatch {
    type BackendId = Backend;
    type Context = Contexts;
    type ExtensionId = Extension;

    fn core_request<P: trussed::platform::Platform>(
        &mut self,
        backend: &Backend,
        ctx: &mut Context<Contexts>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        let (core, contexts) = (&mut ctx.core, &mut ctx.backends);
        match backend {
            Backend::Auth => self.auth.request(core, &mut contexts.auth, request, resources),
            Backend::Staging => self.staging.request(core, &mut contexts.staging, request, resources),
        }
    }

    fn extension_request<P: trussed::platform::Platform>(
        &mut self,
        backend: &Backend,
        extension: &Extension,
        ctx: &mut Context<Contexts>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let core = &mut ctx.core;
        let (auth, staging) = (&mut ctx.backends.auth, &mut ctx.backends.staging);
        // The backend is asked in the dialect of one extension: the macro writes that dialect down.
        macro_rules! ask {
            ($backend:ident, $context:ident, $extension:ty) => {
                trussed::serde_extensions::ExtensionImpl::<$extension>::extension_request_serialized(
                    &mut self.$backend,
                    core,
                    $context,
                    request,
                    resources,
                )
            };
        }
        match (backend, extension) {
            (Backend::Auth, Extension::Auth) => {
                self.auth.extension_request_serialized(core, auth, request, resources)
            }
            (Backend::Staging, Extension::Chunked) => ask!(staging, staging, ChunkedExtension),
            (Backend::Staging, Extension::Hpke) => ask!(staging, staging, HpkeExtension),
            (Backend::Staging, Extension::WrapKeyToFile) => ask!(staging, staging, WrapKeyToFileExtension),
            _ => Err(Error::RequestNotAvailable),
        }
    }
}

impl ExtensionId<AuthExtension> for Dispatch {
    type Id = Extension;
    const ID: Extension = Extension::Auth;
}

impl ExtensionId<ChunkedExtension> for Dispatch {
    type Id = Extension;
    const ID: Extension = Extension::Chunked;
}

impl ExtensionId<HpkeExtension> for Dispatch {
    type Id = Extension;
    const ID: Extension = Extension::Hpke;
}

impl ExtensionId<WrapKeyToFileExtension> for Dispatch {
    type Id = Extension;
    const ID: Extension = Extension::WrapKeyToFile;
}
