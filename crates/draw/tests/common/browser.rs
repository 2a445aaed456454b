//! A browser without a window, driven by the Chrome `DevTools` protocol: what a test needs to look at a page as its reader
//! does, with a real mouse and a real keyboard.
//!
//! Source: <https://chromedevtools.github.io/devtools-protocol/>.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Names under which the browser is found when `CHROMIUM` does not say.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// How long anything may take. Machines that test are slow at times: it ends a hang, it measures nothing.
const PATIENCE: Duration = Duration::from_secs(120);

/// The browser that the tests running now share; it ends with the last of them.
static RUNNING: Mutex<Weak<Browser>> = Mutex::new(Weak::new());

/// A browser.
struct Browser {
    process: Mutex<Child>,
    profile: PathBuf,
    port: u16,
    path: String,
}

/// A page in a browser. Whatever went wrong in it (an error, a message on the console, a request to anywhere) fails the
/// test when the page is closed.
pub(crate) struct Page {
    session: Session,
    allowed: String,
    _browser: Arc<Browser>,
}

/// Commands one way, answers and events the other.
struct Session {
    socket: WebSocket<TcpStream>,
    sent: u64,
    complaints: Vec<String>,
    requests: Vec<String>,
}

impl Page {
    /// Opens a page, or says that there is no browser and gives none. With `CHAINRULE_BROWSER=required` a missing browser
    /// is a failure.
    pub(crate) fn open(file: &Path, width: u32, height: u32) -> Option<Self> {
        let Some(browser) = Browser::running() else {
            let required = std::env::var("CHAINRULE_BROWSER").is_ok_and(|it| it == "required");
            assert!(!required, "no browser: set CHROMIUM to where it is, or install chromium");
            println!("skipped: no browser (set CHROMIUM to where it is)");
            return None;
        };
        let mut control = Session::connect(browser.port, &browser.path);
        let made = control.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = made["targetId"].as_str().expect("a target");
        let mut session = Session::connect(browser.port, &format!("/devtools/page/{target}"));
        for domain in ["Page", "Runtime", "Log", "Network", "DOM", "Accessibility"] {
            session.call(&format!("{domain}.enable"), json!({}));
        }
        let allowed = format!("file://{}", file.canonicalize().expect("the file").display());
        let mut page = Self { session, allowed, _browser: browser };
        page.size(width, height);
        page.load("");
        Some(page)
    }

    /// Loads the file (again), with something after its address.
    pub(crate) fn load(&mut self, fragment: &str) {
        // By way of an empty page: an address that differs in its fragment only would not be loaded.
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.wait("location.href === 'about:blank' && document.readyState === 'complete'");
        let url = format!("{}{fragment}", self.allowed);
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer["errorText"].is_null(), "{answer}");
        self.wait("location.protocol === 'file:' && document.readyState === 'complete'");
        // A script that reads what is packed goes on after that.
        self.wait("typeof chainrule === 'undefined' || 'step' in chainrule");
    }

    /// The size of the window, in pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the reader prefers: `("prefers-color-scheme", "dark")`.
    pub(crate) fn prefers(&mut self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.call("Emulation.setEmulatedMedia", features);
    }

    /// What an expression of the script language gives.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let call = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", call);
        let exception = &answer["exceptionDetails"];
        assert!(exception.is_null(), "{expression}: {exception}");
        answer["result"]["value"].take()
    }

    /// The text that an expression gives.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        match self.evaluate(expression) {
            Value::String(text) => text,
            other => panic!("{expression}: expected text, found {other}"),
        }
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, expression: &str) {
        let begin = Instant::now();
        while self.evaluate(expression) != Value::Bool(true) {
            assert!(begin.elapsed() < PATIENCE, "waited in vain for {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The middle of the first element of a selector, in the window.
    fn middle(&mut self, selector: &str) -> (f64, f64) {
        let selector = Value::from(selector);
        let rect = self.evaluate(&format!(
            "(() => {{ const r = document.querySelector({selector}).getBoundingClientRect(); \
             return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        (rect[0].as_f64().expect("a number"), rect[1].as_f64().expect("a number"))
    }

    /// A click of the mouse on the middle of an element.
    pub(crate) fn click(&mut self, selector: &str) {
        let at = self.middle(selector);
        self.mouse("mouseMoved", at, 0);
        self.mouse("mousePressed", at, 1);
        self.mouse("mouseReleased", at, 0);
    }

    /// The mouse moves over the middle of an element.
    pub(crate) fn hover(&mut self, selector: &str) {
        let at = self.middle(selector);
        self.mouse("mouseMoved", at, 0);
    }

    /// The mouse drags from one place to another.
    pub(crate) fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.mouse("mouseMoved", from, 0);
        self.mouse("mousePressed", from, 1);
        self.mouse("mouseMoved", (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1)), 1);
        self.mouse("mouseMoved", to, 1);
        self.mouse("mouseReleased", to, 0);
    }

    /// The wheel turns over the middle of an element.
    pub(crate) fn wheel(&mut self, selector: &str, delta: f64) {
        let (x, y) = self.middle(selector);
        let event = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": delta });
        self.call("Input.dispatchMouseEvent", event);
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), buttons: u32) {
        let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
        let event = json!({
            "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1,
        });
        self.call("Input.dispatchMouseEvent", event);
    }

    /// A key is pressed and let go: a letter, or a name as `KeyboardEvent.key` has it.
    pub(crate) fn key(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Enter" => ("Enter", 13, Some("\r")),
            "Tab" => ("Tab", 9, None),
            "Escape" => ("Escape", 27, None),
            "End" => ("End", 35, None),
            "Home" => ("Home", 36, None),
            "ArrowLeft" => ("ArrowLeft", 37, None),
            "ArrowUp" => ("ArrowUp", 38, None),
            "ArrowRight" => ("ArrowRight", 39, None),
            "ArrowDown" => ("ArrowDown", 40, None),
            " " => ("Space", 32, Some(" ")),
            letter => (letter, u32::from(letter.to_ascii_uppercase().as_bytes()[0]), Some(letter)),
        };
        let mut down =
            json!({ "type": "keyDown", "key": key, "code": code, "windowsVirtualKeyCode": number });
        if let Some(text) = text {
            down["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", down);
        let up = json!({ "type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": number });
        self.call("Input.dispatchKeyEvent", up);
    }

    /// Letters are typed.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Role and name of everything that a screen reader is told of.
    pub(crate) fn accessible(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let told = |node: &&Value| node["ignored"] != true;
        let text = |value: &Value| value["value"].as_str().unwrap_or("").to_owned();
        let nodes = tree["nodes"].as_array().expect("nodes").iter();
        nodes.filter(told).map(|node| (text(&node["role"]), text(&node["name"]))).collect()
    }

    /// A picture of the page among the files that the build leaves, for a person to look at.
    pub(crate) fn screenshot(&mut self, name: &str) {
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        save(&picture["data"], name);
    }

    /// The page on paper.
    pub(crate) fn print(&mut self, name: &str) -> Vec<u8> {
        let settings = json!({ "landscape": true, "preferCSSPageSize": true });
        let paper = self.call("Page.printToPDF", settings);
        save(&paper["data"], name)
    }

    /// What the page has asked the network for, other than itself.
    fn strange_requests(&self) -> Vec<&String> {
        let own = |url: &&String| {
            url.starts_with(&self.allowed) || url.starts_with("data:") || *url == "about:blank"
        };
        self.session.requests.iter().filter(|url| !own(url)).collect()
    }

    /// A command of the protocol.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.session.call(method, parameters)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("on the console: {:#?}", self.session.complaints);
            return;
        }
        // An answer to this one comes after every event so far.
        self.evaluate("new Promise(done => setTimeout(() => done(0)))");
        assert!(self.session.complaints.is_empty(), "{:#?}", self.session.complaints);
        assert!(self.strange_requests().is_empty(), "{:?}", self.strange_requests());
        self.call("Page.close", json!({}));
    }
}

impl Session {
    fn connect(port: u16, path: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the browser listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_nodelay(true).expect("no delay");
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(url, stream).expect("the browser answers");
        Self { socket, sent: 0, complaints: Vec::new(), requests: Vec::new() }
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method });
        command["params"] = parameters;
        self.socket.send(Message::text(command.to_string())).expect("the browser listens");
        loop {
            let Message::Text(text) = self.socket.read().expect("the browser answers") else {
                continue;
            };
            let mut message: Value = serde_json::from_str(&text).expect("JSON");
            if message["id"] == self.sent {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let told = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded") => {
                self.complaints.push(told.to_string());
            }
            Some("Network.requestWillBeSent") => {
                self.requests.extend(told["request"]["url"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }
}

impl Browser {
    fn running() -> Option<Arc<Self>> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(browser) = running.upgrade() {
            return Some(browser);
        }
        let browser = Arc::new(Self::start()?);
        *running = Arc::downgrade(&browser);
        Some(browser)
    }

    fn start() -> Option<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let count = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("chainrule-browser-{}-{count}", std::process::id());
        let profile = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&profile);
        fs::create_dir_all(&profile).expect("a folder");
        let process = launch(&profile)?;
        // The first line of this file is the port, the second the address of the browser itself.
        let file = profile.join("DevToolsActivePort");
        let begin = Instant::now();
        loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if let Some((port, path)) = text.split_once('\n') {
                let (port, path) = (port.parse().expect("a port"), path.trim().to_owned());
                return Some(Self { process: Mutex::new(process), profile, port, path });
            }
            assert!(begin.elapsed() < PATIENCE, "the browser does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = process.kill();
        let _ = process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

fn launch(profile: &Path) -> Option<Child> {
    let given = std::env::var("CHROMIUM").ok();
    let names = given.map_or_else(|| NAMES.map(str::to_owned).to_vec(), |name| vec![name]);
    let start = |name: &String| {
        Command::new(name)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--force-color-profile=srgb", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    };
    names.iter().find_map(start)
}

fn save(data: &Value, name: &str) -> Vec<u8> {
    let data = data.as_str().expect("data");
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
    fs::write(pictures().join(name), &bytes).expect("written");
    bytes
}

/// Where pages and pictures of them are left.
pub(crate) fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
