//! A provider that knows its schema and nothing else, served to a real Terraform over a socket.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tonic::body::Body;
use tonic::codegen::{Context, Poll, Service, http};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::protocol::Schemas;
use super::schema;

type Answer<T, E> = std::pin::Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Serves the provider of these schema files at a socket, on a thread of its own that ends with the process. Gives back
/// what Terraform has to find in `TF_REATTACH_PROVIDERS`.
pub(super) fn serve(source: &str, files: &[PathBuf], socket: &Path) -> String {
    let provider = Provider(Arc::new(schema::read(files)));
    let listener = std::os::unix::net::UnixListener::bind(socket).expect("a socket can be made");
    listener.set_nonblocking(true).expect("a socket can be made");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::UnixListener::from_std(listener).expect("a listener");
            let incoming = tokio_stream::wrappers::UnixListenerStream::new(listener);
            Server::builder().serve_with_incoming(provider, incoming).await.expect("the provider is served");
        });
    });
    let address = json!({ "Network": "unix", "String": socket });
    let one = json!({
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true, "Addr": address,
    });
    json!({ source: one }).to_string()
}

#[derive(Clone)]
struct Provider(Arc<Schemas>);

impl Service<http::Request<Body>> for Provider {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let schemas = self.0.clone();
        Box::pin(async move {
            let method = request.uri().path().strip_prefix("/tfplugin6.Provider/").map(str::to_owned);
            Ok(match method.as_deref() {
                Some("GetProviderSchema") => {
                    let mut grpc =
                        Grpc::new(ProstCodec::<Schemas, ()>::default()).max_encoding_message_size(usize::MAX);
                    grpc.unary(Always(schemas.as_ref().clone()), request).await
                }
                // Their answers are lists of complaints: an empty message is none.
                Some(
                    "ValidateProviderConfig"
                    | "ValidateResourceConfig"
                    | "ValidateDataResourceConfig"
                    | "StopProvider",
                ) => {
                    let mut grpc =
                        Grpc::new(ProstCodec::<(), ()>::default()).max_decoding_message_size(usize::MAX);
                    grpc.unary(Always(()), request).await
                }
                _ => Status::unimplemented("not part of validation").into_http(),
            })
        })
    }
}

/// Answers every request with the same message.
struct Always<M>(M);

impl<M: Clone + Send + 'static> UnaryService<()> for Always<M> {
    type Response = M;
    type Future = Answer<Response<M>, Status>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let answer = self.0.clone();
        Box::pin(async move { Ok(Response::new(answer)) })
    }
}
