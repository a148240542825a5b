//! The server by HTTPS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::limits::MAX_BODY;
use crate::link::{Away, Request, Server};
use crate::wire::Sealed;

/// Why the server cannot be reached at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The certificate authority's file.
    #[error("`{}` cannot be read: {source}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no certificate in it.
    #[error("`{}` has no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
}

/// The server by HTTPS, known by our own certificate authority; what it says it signs besides.
pub struct Http {
    server: String,
    /// Questions have connections of their own: an upload is never in their way.
    ask: Agent,
    other: Agent,
}

impl Http {
    /// The server at `server`, with the certificate authority in the file `ca`.
    ///
    /// # Errors
    /// When the file has no certificate.
    pub fn new(server: &str, ca: Option<&Path>) -> Result<Self, HttpError> {
        let roots = match ca {
            None => Vec::new(),
            Some(path) => {
                let pem = std::fs::read(path)
                    .map_err(|source| HttpError::Authority { path: path.to_owned(), source })?;
                let certificate =
                    Certificate::from_pem(&pem).map_err(|_| HttpError::NoCertificate(path.to_owned()))?;
                vec![certificate]
            }
        };
        let agent = || {
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::new_with_certs(&roots))
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .build();
            // No proxy: the controller and its server are in one network.
            Agent::config_builder().tls_config(tls).proxy(None).max_redirects(0).build().new_agent()
        };
        Ok(Self { server: server.trim_end_matches('/').to_owned(), ask: agent(), other: agent() })
    }
}

impl Server for Http {
    fn post(&self, request: Request, sealed: &Sealed, timeout: Duration) -> Result<Sealed, Away> {
        let agent = if request == Request::Ask { &self.ask } else { &self.other };
        let body = serde_json::to_vec(sealed).map_err(Away::new)?;
        let mut response = agent
            .post(format!("{}{}", self.server, request.path()))
            .config()
            .timeout_global(Some(timeout))
            .build()
            .content_type("application/json")
            .send(&body)
            .map_err(Away::new)?;
        if response.status() != 200 {
            return Err(Away::new(format!("status {}", response.status())));
        }
        // JSON in JSON: quotes are escaped once more.
        let limit = 2 * MAX_BODY as u64;
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(Away::new)?;
        serde_json::from_slice(&body).map_err(Away::new)
    }
}
