//! lambdest from Rust by `extern "C"`: no crate, `rustc $(pkg-config --libs lambdest)`.
//!
//! What the library asks of its callers is here in types: text that a getter hands out lives until its envelope
//! changes (`&self`, then `&mut self`), a plan borrows its envelope, and objects, being raw pointers inside, stay
//! on their thread.

use std::ffi::CStr;
use std::marker::PhantomData;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::{fs, ptr, slice};

/// `pub const RECORD: i32 = 501;` and so on, made of the installed declarations by run.sh.
#[allow(dead_code)]
mod k {
    include!(env!("LAMBDEST_CONSTANTS"));
}

#[allow(non_camel_case_types)]
mod ffi {
    use super::*;

    macro_rules! opaque {
        ($($name:ident)*) => { $(#[repr(C)] pub struct $name { _private: [u8; 0] })* };
    }
    opaque! { lambdest_envelope lambdest_options lambdest_router lambdest_plan lambdest_delivery
    lambdest_items lambdest_item }

    #[repr(C)]
    pub struct lambdest_error {
        pub code: i32,
        pub flags: u32,
        pub offset: u64,
        pub message: *const c_char,
        pub field: *const c_char, // `where`, which is a word of Rust
        pub reserved: [u64; 2],
    }

    #[repr(C)]
    pub struct lambdest_slice {
        pub data: *const c_char,
        pub len: usize,
    }

    pub type lambdest_delivery_fn = unsafe extern "C" fn(*mut lambdest_delivery, *mut c_void);

    #[repr(C)]
    pub struct lambdest_sink {
        pub size: u32,
        pub target: u32,
        pub form: u32,
        pub write_flags: u32,
        pub oversize: u32,
        pub only_cause: u32,
        pub max_bytes: u64,
        pub deliver: Option<lambdest_delivery_fn>,
        pub flush: Option<lambdest_delivery_fn>,
        pub close: Option<lambdest_delivery_fn>,
        pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        pub user_data: *mut c_void,
        pub reserved: *const c_void,
        pub arn: *const c_char,
        pub arn_len: usize,
        pub only_function: *const c_char,
        pub only_function_len: usize,
        pub only_condition: *const c_char,
        pub only_condition_len: usize,
        pub overflow: *const c_char,
        pub overflow_len: usize,
    }

    extern "C" {
        pub fn lambdest_version() -> u32;
        pub fn lambdest_name(value: c_int) -> *const c_char;
        pub fn lambdest_free(text: *mut c_char);
        pub fn lambdest_envelope_new(
            options: *const lambdest_options,
            out: *mut *mut lambdest_envelope,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_parse(
            text: *const c_char,
            len: usize,
            options: *const lambdest_options,
            out: *mut *mut lambdest_envelope,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_free(env: *mut lambdest_envelope);
        pub fn lambdest_envelope_form(env: *const lambdest_envelope) -> c_int;
        pub fn lambdest_envelope_kind(env: *const lambdest_envelope) -> c_int;
        pub fn lambdest_envelope_outcome(env: *const lambdest_envelope) -> c_int;
        pub fn lambdest_envelope_cause(env: *const lambdest_envelope) -> c_int;
        pub fn lambdest_envelope_text(
            env: *const lambdest_envelope,
            member: c_int,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_envelope_json(
            env: *const lambdest_envelope,
            member: c_int,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_envelope_integer(
            env: *const lambdest_envelope,
            member: c_int,
            out: *mut i64,
        ) -> c_int;
        pub fn lambdest_envelope_set_text(
            env: *mut lambdest_envelope,
            member: c_int,
            text: *const c_char,
            len: usize,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_set_integer(
            env: *mut lambdest_envelope,
            member: c_int,
            value: i64,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_set_json(
            env: *mut lambdest_envelope,
            member: c_int,
            json: *const c_char,
            len: usize,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_set_state(
            env: *mut lambdest_envelope,
            member: c_int,
            state: c_int,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_set_error(
            env: *mut lambdest_envelope,
            kind: *const c_char,
            kind_len: usize,
            message: *const c_char,
            message_len: usize,
            frames: *const lambdest_slice,
            frame_count: usize,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_envelope_range_count(env: *const lambdest_envelope) -> usize;
        pub fn lambdest_envelope_range_text(
            env: *const lambdest_envelope,
            index: usize,
            member: c_int,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_envelope_write_alloc(
            env: *const lambdest_envelope,
            form: c_int,
            flags: u32,
            out: *mut *mut c_char,
            len: *mut usize,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_router_new(
            options: *const lambdest_options,
            out: *mut *mut lambdest_router,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_router_free(router: *mut lambdest_router);
        pub fn lambdest_router_add_sink(
            router: *mut lambdest_router,
            when: u32,
            name: *const c_char,
            name_len: usize,
            sink: *const lambdest_sink,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_router_plan(
            router: *mut lambdest_router,
            env: *const lambdest_envelope,
            outcome: c_int,
            out: *mut *mut lambdest_plan,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_plan_free(plan: *mut lambdest_plan);
        pub fn lambdest_plan_run(plan: *mut lambdest_plan) -> c_int;
        pub fn lambdest_plan_at(plan: *mut lambdest_plan, index: usize) -> *mut lambdest_delivery;
        pub fn lambdest_plan_undelivered(plan: *const lambdest_plan) -> usize;
        pub fn lambdest_delivery_body(
            row: *const lambdest_delivery,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_delivery_text(
            row: *const lambdest_delivery,
            member: c_int,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_delivery_integer(
            row: *const lambdest_delivery,
            member: c_int,
            out: *mut i64,
        ) -> c_int;
        pub fn lambdest_delivery_report(
            row: *mut lambdest_delivery,
            verdict: c_int,
            detail: *const c_char,
            len: usize,
        ) -> c_int;
        pub fn lambdest_unwrap(
            text: *const c_char,
            len: usize,
            options: *const lambdest_options,
            out: *mut *mut lambdest_items,
            err: *mut lambdest_error,
        ) -> c_int;
        pub fn lambdest_items_free(items: *mut lambdest_items);
        pub fn lambdest_items_count(items: *const lambdest_items) -> usize;
        pub fn lambdest_items_at(
            items: *const lambdest_items,
            index: usize,
        ) -> *const lambdest_item;
        pub fn lambdest_items_fail(items: *mut lambdest_items, index: usize) -> c_int;
        pub fn lambdest_items_response(
            items: *const lambdest_items,
            out: *mut *mut c_char,
            len: *mut usize,
        ) -> c_int;
        pub fn lambdest_item_kind(item: *const lambdest_item) -> c_int;
        pub fn lambdest_item_text(
            item: *const lambdest_item,
            member: c_int,
            len: *mut usize,
        ) -> *const c_char;
        pub fn lambdest_item_envelope(item: *const lambdest_item) -> *const lambdest_envelope;
        pub fn lambdest_item_error(item: *const lambdest_item, err: *mut lambdest_error) -> c_int;
    }
}

use ffi::*;

#[derive(Debug)]
struct Error {
    code: c_int,
    offset: u64,
    message: &'static str,
    field: &'static str,
}

/// Calls with an error as the last argument.
fn check(call: impl FnOnce(*mut lambdest_error) -> c_int) -> Result<(), Error> {
    let mut err: lambdest_error = unsafe { std::mem::zeroed() };
    match call(&mut err) {
        0 => Ok(()),
        code => Err(Error {
            code,
            offset: err.offset,
            message: unsafe { word_at(err.message) },
            field: unsafe { word_at(err.field) },
        }),
    }
}

/// Messages, fields and names are static.
unsafe fn word_at(at: *const c_char) -> &'static str {
    CStr::from_ptr(at).to_str().unwrap()
}

fn word(value: c_int) -> &'static str {
    unsafe { word_at(lambdest_name(value)) }
}

/// The pointer of an empty slice is no address; the library takes any with length 0.
fn at(text: &[u8]) -> *const c_char {
    text.as_ptr().cast()
}

/// What a getter hands out, borrowed for as long as the caller's signature says.
unsafe fn counted<'a>(getter: impl FnOnce(*mut usize) -> *const c_char) -> Option<&'a [u8]> {
    let mut len = 0;
    let text = getter(&mut len);
    (!text.is_null()).then(|| slice::from_raw_parts(text.cast(), len))
}

fn or_none(text: Option<&[u8]>) -> &str {
    text.map_or("none", |t| std::str::from_utf8(t).unwrap())
}

/// Long text is the caller's: copied, then given back to lambdest_free.
fn long_text(call: impl FnOnce(*mut *mut c_char, *mut usize) -> c_int) -> String {
    let (mut out, mut len) = (ptr::null_mut(), 0);
    assert_eq!(call(&mut out, &mut len), 0);
    let text = unsafe { slice::from_raw_parts(out.cast::<u8>(), len) }.to_vec();
    unsafe { lambdest_free(out) };
    String::from_utf8(text).unwrap()
}

struct Envelope(*mut lambdest_envelope);

impl Drop for Envelope {
    fn drop(&mut self) {
        unsafe { lambdest_envelope_free(self.0) }
    }
}

impl Envelope {
    fn new() -> Result<Envelope, Error> {
        let mut out = ptr::null_mut();
        check(|err| unsafe { lambdest_envelope_new(ptr::null(), &mut out, err) })?;
        Ok(Envelope(out))
    }

    fn parse(text: &[u8]) -> Result<Envelope, Error> {
        let mut out = ptr::null_mut();
        check(|err| unsafe {
            lambdest_envelope_parse(at(text), text.len(), ptr::null(), &mut out, err)
        })?;
        Ok(Envelope(out))
    }

    fn text(&self, member: c_int) -> Option<&[u8]> {
        unsafe { counted(|len| lambdest_envelope_text(self.0, member, len)) }
    }

    fn json(&self, member: c_int) -> Option<&[u8]> {
        unsafe { counted(|len| lambdest_envelope_json(self.0, member, len)) }
    }

    fn integer(&self, member: c_int) -> Result<i64, c_int> {
        let mut value = 0;
        match unsafe { lambdest_envelope_integer(self.0, member, &mut value) } {
            0 => Ok(value),
            code => Err(code),
        }
    }

    fn range_text(&self, index: usize, member: c_int) -> Option<&[u8]> {
        unsafe { counted(|len| lambdest_envelope_range_text(self.0, index, member, len)) }
    }

    fn set_text(&mut self, member: c_int, text: &str) -> Result<(), Error> {
        check(|err| unsafe {
            lambdest_envelope_set_text(self.0, member, at(text.as_bytes()), text.len(), err)
        })
    }

    fn set_integer(&mut self, member: c_int, value: i64) -> Result<(), Error> {
        check(|err| unsafe { lambdest_envelope_set_integer(self.0, member, value, err) })
    }

    fn set_json(&mut self, member: c_int, json: &str) -> Result<(), Error> {
        check(|err| unsafe {
            lambdest_envelope_set_json(self.0, member, at(json.as_bytes()), json.len(), err)
        })
    }

    fn set_error(&mut self, kind: &str, message: &str, frames: &[&str]) -> Result<(), Error> {
        let frames: Vec<_> = frames
            .iter()
            .map(|f| lambdest_slice {
                data: at(f.as_bytes()),
                len: f.len(),
            })
            .collect();
        check(|err| unsafe {
            lambdest_envelope_set_error(
                self.0,
                at(kind.as_bytes()),
                kind.len(),
                at(message.as_bytes()),
                message.len(),
                frames.as_ptr(),
                frames.len(),
                err,
            )
        })
    }

    fn written(&self) -> String {
        long_text(|out, len| unsafe {
            lambdest_envelope_write_alloc(self.0, 0, 0, out, len, ptr::null_mut())
        })
    }

    fn told(&self) -> String {
        let told = unsafe {
            [
                lambdest_envelope_kind(self.0),
                lambdest_envelope_outcome(self.0),
                lambdest_envelope_cause(self.0),
            ]
        };
        told.map(word).join(", ")
    }
}

/// One row of a plan, for as long as the plan or the callback that was given it.
struct Row<'a>(*mut lambdest_delivery, PhantomData<&'a ()>);

impl Row<'_> {
    fn body(&self) -> Option<&[u8]> {
        unsafe { counted(|len| lambdest_delivery_body(self.0, len)) }
    }

    fn text(&self, member: c_int) -> Option<&[u8]> {
        unsafe { counted(|len| lambdest_delivery_text(self.0, member, len)) }
    }

    fn verdict(&self) -> c_int {
        let mut verdict = 0;
        assert_eq!(
            unsafe { lambdest_delivery_integer(self.0, k::DELIVERY_VERDICT, &mut verdict) },
            0
        );
        verdict as c_int
    }

    fn report(&mut self, verdict: c_int, detail: &str) {
        let code = unsafe {
            lambdest_delivery_report(self.0, verdict, at(detail.as_bytes()), detail.len())
        };
        assert_eq!(code, 0);
    }
}

struct Plan<'e>(*mut lambdest_plan, PhantomData<&'e Envelope>);

impl Drop for Plan<'_> {
    fn drop(&mut self) {
        unsafe { lambdest_plan_free(self.0) }
    }
}

impl Plan<'_> {
    fn row(&mut self, index: usize) -> Row<'_> {
        Row(unsafe { lambdest_plan_at(self.0, index) }, PhantomData)
    }

    fn run(&mut self) -> c_int {
        unsafe { lambdest_plan_run(self.0) }
    }

    fn show(&mut self, step: &str) {
        let undelivered = unsafe { lambdest_plan_undelivered(self.0) };
        let row = self.row(0);
        println!(
            "{step} {}: {} ({}), {undelivered} undelivered",
            or_none(row.text(k::DELIVERY_SINK)),
            word(row.verdict()),
            or_none(row.text(k::DELIVERY_DETAIL))
        );
    }
}

type Callback = Box<dyn FnMut(Row)>;

/// What panics must not unwind into the library: an abort since Rust 1.81, undefined before. So it is caught
/// here; what panicked reports nothing, and the row says so.
unsafe extern "C" fn deliver(row: *mut lambdest_delivery, user_data: *mut c_void) {
    let callback = &mut *user_data.cast::<Callback>();
    let _ = catch_unwind(AssertUnwindSafe(|| callback(Row(row, PhantomData))));
}

unsafe extern "C" fn destroy(user_data: *mut c_void) {
    let _ = catch_unwind(|| drop(Box::from_raw(user_data.cast::<Callback>())));
    println!("sink destroyed");
}

struct Router(*mut lambdest_router);

impl Drop for Router {
    fn drop(&mut self) {
        unsafe { lambdest_router_free(self.0) }
    }
}

impl Router {
    fn new() -> Result<Router, Error> {
        let mut out = ptr::null_mut();
        check(|err| unsafe { lambdest_router_new(ptr::null(), &mut out, err) })?;
        Ok(Router(out))
    }

    /// Without a callback the rows wait to be pulled. The callback is the router's only if this succeeds, and goes
    /// by `destroy`: that may be after the router was dropped, with its last plan.
    fn add_sink(&mut self, when: i32, name: &str, callback: Option<Callback>) -> Result<(), Error> {
        let mut sink: lambdest_sink = unsafe { std::mem::zeroed() };
        sink.size = std::mem::size_of::<lambdest_sink>() as u32;
        sink.deliver = callback.as_ref().map(|_| deliver as lambdest_delivery_fn);
        sink.destroy = Some(destroy);
        sink.user_data =
            Box::into_raw(Box::new(callback.unwrap_or_else(|| Box::new(|_| ())))).cast();
        let added = check(|err| unsafe {
            lambdest_router_add_sink(
                self.0,
                when as u32,
                at(name.as_bytes()),
                name.len(),
                &sink,
                err,
            )
        });
        if added.is_err() {
            drop(unsafe { Box::from_raw(sink.user_data.cast::<Callback>()) });
        }
        added
    }

    fn plan<'e>(&mut self, env: &'e Envelope) -> Result<Plan<'e>, Error> {
        let mut out = ptr::null_mut();
        check(|err| unsafe { lambdest_router_plan(self.0, env.0, 0, &mut out, err) })?;
        Ok(Plan(out, PhantomData))
    }
}

fn load(name: &str, path: &str) -> Result<Envelope, Error> {
    let env = Envelope::parse(&fs::read(path).unwrap())?;
    println!(
        "{name}: {}, {}",
        word(unsafe { lambdest_envelope_form(env.0) }),
        env.told()
    );
    Ok(env)
}

fn parse_each_kind() -> Result<(), Error> {
    for name in [
        "async-success",
        "async-failure-unhandled-python",
        "kafka-failure",
    ] {
        let env = load(name, &format!("tests/records/{name}.json"))?;
        for i in 0..unsafe { lambdest_envelope_range_count(env.0) } {
            let [name, first] =
                [k::RANGE_NAME, k::RANGE_FIRST].map(|member| or_none(env.range_text(i, member)));
            println!("range {name} from {first}");
        }
    }
    let env = load("document", "tests/ffi/document.json")?;
    println!("errorType {}", or_none(env.text(k::ERROR_TYPE)));
    let hex: String = env
        .text(k::ERROR_MESSAGE)
        .unwrap()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    println!("errorMessage {hex}");
    println!("requestPayload {}", or_none(env.json(k::REQUEST_PAYLOAD)));
    println!("condition {}", or_none(env.text(k::CONDITION)));
    match env.integer(k::STATUS_CODE) {
        Ok(status) => println!("statusCode {status}"),
        Err(code) => println!("statusCode {}", word(code)),
    }
    load("cloudevent", "tests/ffi/cloudevent.json").map(drop)
}

fn build() -> Result<Envelope, Error> {
    let mut env = Envelope::new()?;
    env.set_text(k::REQUEST_ID, "r\0é")?;
    env.set_text(k::CONDITION, "Success")?;
    env.set_text(
        k::FUNCTION_ARN,
        "arn:aws:lambda:eu-west-1:111122223333:function:orders",
    )?;
    env.set_integer(k::STATUS_CODE, 200)?;
    env.set_integer(k::TIMESTAMP_MS, 1772443498046)?;
    env.set_json(k::REQUEST_PAYLOAD, r#"{"n": 1e+21}"#)?;
    env.set_json(k::RESPONSE_PAYLOAD, r#""\ud83d""#)?;
    Ok(env)
}

fn show_built(env: &Envelope) {
    println!("built {}", env.written());
    println!("built: {}", env.told());
}

fn build_and_classify() -> Result<(), Error> {
    let mut env = build()?;
    show_built(&env);
    env.set_text(k::CONDITION, "RetriesExhausted")?;
    check(|err| unsafe {
        lambdest_envelope_set_state(env.0, k::RESPONSE_PAYLOAD, k::ABSENT, err)
    })?;
    env.set_error("OutOfStock", "no shelf", &["top", "below"])?;
    show_built(&env);
    Ok(())
}

fn a_broken_text() {
    let e = Envelope::parse(br#"{"requestContext":{"condition":5}}"#)
        .err()
        .expect("an error");
    println!(
        "error {} ({}) at byte {} of {}: {}",
        e.code,
        word(e.code),
        e.offset,
        e.field,
        e.message
    );
}

fn router_with(callback: Option<Callback>) -> Result<Router, Error> {
    let mut router = Router::new()?;
    router.add_sink(k::ON_SUCCESS | k::ON_FAILURE, "only", callback)?;
    Ok(router)
}

/// Any order of router and plan will do.
fn let_go(router: Router, plan: Plan) {
    drop(router);
    println!("router freed");
    drop(plan);
}

fn pull() -> Result<(), Error> {
    let env = build()?;
    let mut router = router_with(None)?;
    let mut plan = router.plan(&env)?;
    plan.show("pull");
    assert_eq!(or_none(plan.row(0).body()), env.written());
    plan.row(0).report(k::VERDICT_DELIVERED, "HTTP 200");
    plan.show("pull");
    let_go(router, plan);
    Ok(())
}

fn dispatch_to_a_callback() -> Result<(), Error> {
    let env = build()?;
    let wanted = env.written();
    let mut router = router_with(Some(Box::new(move |mut row| {
        if or_none(row.body()) == wanted {
            println!("dispatch only: the record came");
        }
        row.report(k::VERDICT_DELIVERED, "HTTP 200");
    })))?;
    let mut plan = router.plan(&env)?;
    assert_eq!(plan.run(), 0);
    plan.show("dispatch");
    let_go(router, plan);
    Ok(())
}

fn a_callback_that_panics() -> Result<(), Error> {
    let env = build()?;
    std::panic::set_hook(Box::new(|_| ()));
    let mut router = router_with(Some(Box::new(|_| panic!("a sink that panics"))))?;
    let mut plan = router.plan(&env)?;
    assert_eq!(plan.run(), k::E_PARTIAL);
    drop(std::panic::take_hook());
    plan.show("raise");
    let_go(router, plan);
    Ok(())
}

struct Items(*mut lambdest_items);

impl Drop for Items {
    fn drop(&mut self) {
        unsafe { lambdest_items_free(self.0) }
    }
}

impl Items {
    fn show(&self, index: usize) -> c_int {
        unsafe {
            let item = lambdest_items_at(self.0, index);
            let carrier = counted(|len| lambdest_item_text(item, k::ITEM_CARRIER, len));
            let code = lambdest_item_error(item, ptr::null_mut());
            let says = if code == 0 {
                lambdest_envelope_outcome(lambdest_item_envelope(item))
            } else {
                code
            };
            println!(
                "item {} by {}: {}",
                word(lambdest_item_kind(item)),
                or_none(carrier),
                word(says)
            );
            code
        }
    }
}

fn unwrap_events() -> Result<(), Error> {
    for name in ["sqs-in-lambda-batch-mixed", "sns-in-sqs-in-lambda"] {
        let event = fs::read(format!("tests/records/{name}.json")).unwrap();
        let mut out = ptr::null_mut();
        check(|err| unsafe {
            lambdest_unwrap(at(&event), event.len(), ptr::null(), &mut out, err)
        })?;
        let items = Items(out);
        for i in 0..unsafe { lambdest_items_count(items.0) } {
            if items.show(i) != 0 {
                assert_eq!(unsafe { lambdest_items_fail(items.0, i) }, 0);
                let answer =
                    long_text(|out, len| unsafe { lambdest_items_response(items.0, out, len) });
                println!("response {answer}");
            }
        }
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let version = unsafe { lambdest_version() };
    println!(
        "version {}.{}.{}",
        version / 1000000,
        version / 1000 % 1000,
        version % 1000
    );
    parse_each_kind()?;
    build_and_classify()?;
    a_broken_text();
    pull()?;
    dispatch_to_a_callback()?;
    a_callback_that_panics()?;
    unwrap_events()
}
