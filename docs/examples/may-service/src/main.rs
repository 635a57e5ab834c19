//! A small HTTP service on coroutines with stacks of their own: crate may, as BRRTRouter uses it.
//!
//! Each handler is one long-lived coroutine with a stack of a configured size, fed through a channel.
//! It measures how deep its handlers' stacks were used and what they allocate, and reports it, rightly
//! or, when asked to, wrongly. `brrtload` looks at the same stacks, and the same memory, from outside.
//!
//! ```text
//! GET /shallow          does nothing
//! GET /deep?kib=N       uses N KiB of its handler's stack
//! GET /page?kib=N       allocates N KiB in pieces of 512 bytes, and gives them back
//! GET /session?kib=N    allocates N KiB, and keeps them with --leak yes
//! GET /metrics          what the service reports
//! GET /debug/stacks     the truth, as JSON: size, used, whether the canary is alive
//! ```

mod http;
mod memory;
mod stack;

use may::sync::mpsc::{channel, Sender};
use stack::Stack;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What the service was asked for.
struct Options {
    listen: String,
    words: usize,                         // of a handler's stack; an odd number has May paint it
    per_handler: BTreeMap<String, usize>, // words
    connections: usize,                   // words of a connection's stack; the pool has them
    pool: usize,
    lie: String,
    leak: bool,
}

const USAGE: &str = "usage: may-service [--listen ADDRESS] [--stack-size WORDS] [--stack-size-HANDLER WORDS]
                   [--connection-stack-size WORDS] [--pool N] [--leak yes|no]
                   [--lie none|zero|words|wrong-coroutine|doubled|swapped|forgotten-leak|frozen]";

const LIES: [&str; 8] = ["none", "zero", "words", "wrong-coroutine", "doubled", "swapped", "forgotten-leak", "frozen"];

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn options() -> Result<Options, String> {
    let mut o = Options {
        listen: "127.0.0.1:8080".into(),
        words: 0x2000,
        per_handler: BTreeMap::new(),
        connections: 0x2000,
        pool: 64,
        lie: "none".into(),
        leak: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().ok_or(format!("{flag}: no value"))?;
        match flag.as_str() {
            "--listen" => o.listen = value,
            "--stack-size" => o.words = number(&flag, &value)?,
            "--connection-stack-size" => o.connections = number(&flag, &value)?,
            "--pool" => o.pool = number(&flag, &value)?,
            "--leak" if value == "yes" || value == "no" => o.leak = value == "yes",
            "--lie" if LIES.contains(&value.as_str()) => o.lie = value,
            _ => match flag.strip_prefix("--stack-size-") {
                Some(handler) if HANDLERS.contains(&handler) => {
                    o.per_handler.insert(handler.into(), number(&flag, &value)?);
                }
                _ => return Err(format!("{flag} {value}: unknown")),
            },
        }
    }
    Ok(o)
}

/// number reads decimal or, after 0x, hexadecimal; stacks of 512 words to 8 Mi words.
fn number(flag: &str, text: &str) -> Result<usize, String> {
    let n = match text.strip_prefix("0x") {
        Some(hex) => usize::from_str_radix(hex, 16),
        None => text.parse(),
    };
    match n {
        Ok(n) if (1..=8 << 20).contains(&n) => Ok(n),
        _ => Err(format!("{flag} {text}: not a number from 1 to 8388608")),
    }
}

/// HANDLERS by the number that the allocator counts them under, less one.
const HANDLERS: [&str; 4] = ["deep", "page", "session", "shallow"];

/// PIECE is how large the pieces are that a page is made of, in bytes.
const PIECE: usize = 512;

/// Work is a request on its way to a handler: how many bytes to use, and where to answer.
struct Work {
    bytes: usize,
    reply: Sender<usize>,
}

/// Handler is a coroutine with its channel and its stack.
struct Handler {
    words: usize,
    send: Mutex<Sender<Work>>,
    stack: Arc<Mutex<Option<Stack>>>,
}

/// Service is all that a connection needs.
struct Service {
    handlers: BTreeMap<&'static str, Handler>,
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    active: AtomicU64,
    lie: String,
    first: Mutex<Option<(u64, u64)>>, // live and resident bytes at the first look, for lies
}

fn main() {
    let o = options().unwrap_or_else(|wrong| {
        eprintln!("may-service: {wrong}\n{USAGE}");
        std::process::exit(2);
    });
    may::config().set_workers(2).set_stack_size(o.connections).set_pool_capacity(o.pool);
    let handlers = HANDLERS.map(|name| (name, start(name, *o.per_handler.get(name).unwrap_or(&o.words), o.leak)));
    let service = Arc::new(Service {
        handlers: BTreeMap::from(handlers),
        requests: Mutex::new(BTreeMap::new()),
        active: AtomicU64::new(0),
        lie: o.lie,
        first: Mutex::new(None),
    });
    if let Err(failed) = http::serve(&o.listen, move |target| service.answer(target)) {
        eprintln!("may-service: {}: {failed}", o.listen);
        std::process::exit(1);
    }
}

/// start starts a handler's coroutine. After each request it looks at its own stack.
fn start(name: &'static str, words: usize, leak: bool) -> Handler {
    let (send, receive) = channel::<Work>();
    let stack = Arc::new(Mutex::new(None));
    let seen = stack.clone();
    let number = 1 + HANDLERS.iter().position(|h| *h == name).expect("a handler");
    let run = move || {
        *seen.lock().unwrap() = Some(Stack::current(words));
        while let Ok(work) = receive.recv() {
            let lowest = memory::within(number, || match name {
                "page" => {
                    memory::build_page(work.bytes / PIECE);
                    stack::here()
                }
                "session" => {
                    memory::keep_session(work.bytes, leak);
                    stack::here()
                }
                _ => stack::descend(stack::here(), work.bytes),
            });
            if let Some(s) = seen.lock().unwrap().as_mut() {
                s.note(lowest);
            }
            let _ = work.reply.send(lowest); // a client that has left
        }
    };
    // SAFETY: the coroutine keeps nothing in thread-local storage across a switch.
    let started = unsafe { may::coroutine::Builder::new().name(name.into()).stack_size(words).spawn(run) };
    started.expect("start a coroutine");
    Handler { words, send: Mutex::new(send), stack }
}

impl Service {
    /// answer returns status and body of GET of a target.
    fn answer(&self, target: &str) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match path {
            "/metrics" => return (200, self.metrics()),
            "/debug/stacks" => return (200, self.truth()),
            "/health" => return (200, "ok\n".into()),
            _ => {}
        }
        self.active.fetch_add(1, Ordering::Relaxed);
        let name = path.trim_start_matches('/');
        let (status, body) = match (self.handlers.get(name), kib(query)) {
            (None, _) => (404, "no such handler\n".into()),
            (_, None) => (400, "kib: not a number up to 65536\n".into()),
            (Some(handler), Some(kib)) => handler.call(kib << 10),
        };
        let counted = if status == 404 { "_unmatched" } else { name };
        *self.requests.lock().unwrap().entry((counted.into(), status)).or_default() += 1;
        self.active.fetch_sub(1, Ordering::Relaxed);
        (status, body)
    }

    fn metrics(&self) -> String {
        let mut text = String::new();
        let families: [(&str, &str, fn(&Handler) -> Option<usize>); 2] = [
            ("brrtrouter_coroutine_stack_bytes", "Configured stack size.", |h| Some(h.words * stack::WORD)),
            ("brrtrouter_coroutine_stack_used_bytes", "Most of the stack that was used.", Handler::used),
        ];
        for (family, help, value) in families {
            writeln!(text, "# HELP {family} {help}\n# TYPE {family} gauge").unwrap();
            for (name, handler) in &self.handlers {
                let used = family.ends_with("used_bytes");
                let value = match self.lie.as_str() {
                    "zero" if used => Some(0),
                    "words" => value(handler).map(|bytes| bytes / stack::WORD),
                    "wrong-coroutine" if used => value(handler).and(self.handlers["shallow"].reached()),
                    _ => value(handler),
                };
                if let Some(value) = value {
                    writeln!(text, "{family}{{handler=\"{name}\"}} {value}").unwrap();
                }
            }
        }
        self.memory(&mut text);
        let family = "brrtrouter_requests_total";
        writeln!(text, "# HELP {family} Requests answered.\n# TYPE {family} counter").unwrap();
        for ((handler, status), n) in self.requests.lock().unwrap().iter() {
            writeln!(text, "{family}{{handler=\"{handler}\",status=\"{status}\"}} {n}").unwrap();
        }
        let family = "brrtrouter_active_requests";
        let active = self.active.load(Ordering::Relaxed);
        writeln!(text, "# HELP {family} Requests in flight.\n# TYPE {family} gauge\n{family} {active}").unwrap();
        text
    }

    /// memory writes what was allocated, by whom, and what is live.
    fn memory(&self, text: &mut String) {
        let lies = |name: &str| self.lie == name;
        let families: [(&str, &str, fn(&memory::Count) -> u64); 2] = [
            ("allocated_objects", "Calls of the allocator.", |c| c.allocations.load(Ordering::Relaxed)),
            ("allocated_bytes", "Bytes that the allocator was asked for.", |c| c.bytes.load(Ordering::Relaxed)),
        ];
        for (name, help, value) in families {
            let family = format!("brrtrouter_handler_{name}_total");
            writeln!(text, "# HELP {family} {help}\n# TYPE {family} counter").unwrap();
            for (number, handler) in std::iter::once("_other").chain(HANDLERS).enumerate() {
                let of = match handler {
                    "page" if lies("swapped") => 3,
                    "session" if lies("swapped") => 2,
                    _ => number,
                };
                let times = if handler == "page" && lies("doubled") { 2 } else { 1 };
                writeln!(text, "{family}{{handler=\"{handler}\"}} {}", times * value(&memory::COUNTS[of])).unwrap();
            }
        }
        let (mut live, mut resident) = (memory::live(), memory::resident().unwrap_or(0));
        let first = *self.first.lock().unwrap().get_or_insert((live, resident));
        if lies("forgotten-leak") {
            live = live.min(first.0);
        }
        if lies("frozen") {
            resident = first.1;
        }
        let family = "brrtrouter_memory_live_bytes";
        writeln!(text, "# HELP {family} Allocated and not freed.\n# TYPE {family} gauge\n{family} {live}").unwrap();
        let family = "process_resident_memory_bytes";
        writeln!(text, "# HELP {family} Resident memory.\n# TYPE {family} gauge\n{family} {resident}").unwrap();
    }

    fn truth(&self) -> String {
        let of = |(name, h): (&&str, &Handler)| {
            let stack = h.stack.lock().unwrap();
            let s = stack.as_ref().expect("the coroutine has begun");
            let canary = s.canary().map_or("null".into(), |used| used.to_string());
            format!(
                "\"{name}\":{{\"configured\":{},\"mapped\":{},\"used\":{},\"canary\":{canary},\"alive\":{}}}",
                h.words * stack::WORD, s.size(), s.used(), s.alive()
            )
        };
        format!("{{{}}}\n", self.handlers.iter().map(of).collect::<Vec<_>>().join(","))
    }
}

impl Handler {
    fn call(&self, bytes: usize) -> (u16, String) {
        let (reply, answer) = channel();
        let _ = self.send.lock().unwrap().send(Work { bytes, reply });
        match answer.recv() {
            Ok(_) => (200, format!("used {bytes} bytes\n")),
            Err(_) => (500, "the handler has ended\n".into()),
        }
    }

    /// reached is how deep requests are known to have come, painted or not.
    fn reached(&self) -> Option<usize> {
        self.stack.lock().unwrap().as_ref().map(Stack::used)
    }

    /// used is what the service reports: what the canary shows, and nothing where there is none.
    fn used(&self) -> Option<usize> {
        self.stack.lock().unwrap().as_ref().and_then(Stack::canary)
    }
}

/// kib reads the query "kib=N"; none means 0.
fn kib(query: &str) -> Option<usize> {
    let Some(value) = query.strip_prefix("kib=") else {
        return Some(0);
    };
    value.parse().ok().filter(|n| *n <= 65536)
}
