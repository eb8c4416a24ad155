//! Routes from the table of rights: the table gives method and address, a handler the work, and a
//! [`Doc`] what goes in and comes out.

use super::{idempotency, reply};
use crate::ctx::Ctx;
use axum::{
    Router,
    extract::Request,
    handler::Handler,
    middleware::{self, Next},
    routing::{MethodFilter, on},
};
use serde_json::Value;
use utoipa::ToSchema;
use wire::{
    Page,
    policy::{Method, Operation},
};

/// The routes so far, with their descriptions.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router,
    pub(super) docs: Vec<(&'static Operation, Doc)>,
}

impl Routes {
    /// Serves an operation at the address that the table gives it.
    pub(crate) fn on<H, T>(mut self, operation: &'static Operation, handler: H, doc: Doc) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let filter = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let mut route = on(filter, handler);
        if idempotency::applies(operation) {
            route = route.layer(middleware::from_fn(idempotency::honour));
        }
        // The feature asks again; asked here first, a stranger learns nothing of what a body should hold.
        route = route.layer(middleware::from_fn(move |ctx: Ctx, request: Request, next: Next| async move {
            match ctx.may(operation) {
                Ok(()) => next.run(request).await,
                Err(error) => reply::<()>(&ctx, 403, Err(error)),
            }
        }));
        self.router = self.router.route(operation.path, route);
        self.docs.push((operation, doc));
        self
    }

    /// The router of all of them.
    pub(crate) fn finish(self) -> Router {
        self.router
    }
}

/// What goes into an operation and comes out of it.
#[derive(Default)]
pub(crate) struct Doc {
    pub(super) query: Option<Value>,
    pub(super) body: Option<Value>,
    pub(super) answer: Option<Value>,
    /// The media types of an answer that is no JSON.
    pub(super) media: &'static [&'static str],
    pub(super) status: u16,
    /// The named schemas that the above refer to.
    pub(super) schemas: Vec<(String, Value)>,
}

impl Doc {
    /// Nothing goes in, nothing comes out.
    pub(crate) fn new() -> Self {
        Self { status: 200, ..Self::default() }
    }

    /// The query's fields.
    pub(crate) fn query<T: ToSchema>(mut self) -> Self {
        self.collect::<T>();
        self.query = Some(json::<T>());
        self
    }

    /// The body.
    pub(crate) fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.named::<T>());
        self
    }

    /// The answer when all went well.
    pub(crate) fn returns<T: ToSchema>(mut self, status: u16) -> Self {
        self.answer = Some(self.named::<T>());
        self.status = status;
        self
    }

    /// A page of these when all went well.
    pub(crate) fn page<T: ToSchema>(mut self) -> Self {
        self.named::<T>();
        self.returns::<Page<T>>(200)
    }

    /// An answer of one of these media types when all went well.
    pub(crate) fn streams(mut self, media: &'static [&'static str]) -> Self {
        self.media = media;
        self
    }

    /// Nothing but a status when all went well.
    pub(crate) fn empty(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A reference to the type's schema; a generic one stands where it is used.
    fn named<T: ToSchema>(&mut self) -> Value {
        self.collect::<T>();
        if std::any::type_name::<T>().contains('<') {
            return json::<T>();
        }
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), json::<T>()));
        serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn collect<T: ToSchema>(&mut self) {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        self.schemas.extend(schemas.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))));
    }
}

fn json<T: ToSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap_or_default()
}
