//! The page in a real browser: a headless Chromium, if there is one.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Bench, STUDY};

/// Collects what goes wrong from the first line of the page on.
const LISTEN: &str = "<head><script>window.wrong = [];
addEventListener('error', (e) => wrong.push(String(e.message)));
addEventListener('unhandledrejection', (e) => wrong.push(String(e.reason)));
console.error = (...all) => wrong.push(all.join(' '));</script>";

/// Uses the page as a reader would, and writes what was seen into it.
const USE: &str = r"<script>(async () => {
  const root = document.getElementById('viewer'), by = (id) => document.getElementById('viewer-' + id);
  const until = async (done) => { for (let i = 0; i < 200 && !done(); i++) await new Promise((go) => setTimeout(go, 20)); };
  const canvas = by('canvas'), found = {};
  // The buffer is whole until the frame is over, so it is copied right after it was drawn.
  const look = async () => {
    by('axis').dispatchEvent(new Event('change'));
    return new Promise((go) => requestAnimationFrame(() => {
      const copy = document.createElement('canvas');
      copy.width = canvas.width; copy.height = canvas.height;
      const pen = copy.getContext('2d');
      pen.drawImage(canvas, 0, 0);
      const all = pen.getImageData(0, 0, copy.width, copy.height).data;
      let lit = 0, sum = 0;
      const colours = new Set();
      for (let i = 0; i < all.length; i += 4) {
        const [r, g, b] = [all[i], all[i + 1], all[i + 2]];
        if (r + g + b > 60) { lit++; colours.add((r >> 4) + '.' + (g >> 4) + '.' + (b >> 4)); }
        sum = (sum * 31 + r + 3 * g + 7 * b) % 1000003;
      }
      go({ share: lit / (all.length / 4), colours: colours.size, sum });
    }));
  };
  const set = (id, value, event) => { by(id).value = value; by(id).dispatchEvent(new Event(event)); };
  try {
    await until(() => root.dataset.shown === '0');
    found.first = await look();
    const last = by('time').max;
    set('time', last, 'input');
    await until(() => root.dataset.shown === last);
    found.last = await look();
    found.day = by('day').textContent;
    found.cursors = [...document.querySelectorAll('svg .cursor')].map((line) => [line.getAttribute('x1'), line.parentNode.dataset.days.split(' ')[3]]);
    set('colour', '0', 'change');
    found.antigen = await look();
    found.legend = by('high').textContent;
    set('colour', '', 'change');
    set('axis', '2', 'change');
    found.cut = await look();
    set('field', '0', 'change');
    found.slice = await look();
    set('field', '', 'change');
    set('axis', '', 'change');
    const box = canvas.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, pointerId: 1, bubbles: true };
    canvas.setPointerCapture = () => {};
    canvas.dispatchEvent(new PointerEvent('pointerdown', at));
    canvas.dispatchEvent(new PointerEvent('pointerup', at));
    found.state = by('state').textContent;
    const key = (key, shiftKey = false) => canvas.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true }));
    found.scale = by('scale-text').textContent;
    found.before = await look();
    key('ArrowLeft');
    found.turned = await look();
    key('ArrowLeft', true);
    found.moved = await look();
    key('+');
    found.zoomed = await look();
    key(',');
    await until(() => root.dataset.shown === String(last - 1));
    found.back = last - root.dataset.shown;
    HTMLAnchorElement.prototype.click = function () { found.shot = [this.download, this.href.slice(0, 22), this.href.length]; };
    by('shot').click();
    for (const toggle of document.querySelectorAll('#viewer-types input')) { toggle.checked = false; toggle.dispatchEvent(new Event('change')); }
    found.hidden = await look();
  } catch (error) { wrong.push(String(error)); }
  found.unnamed = [...document.querySelectorAll('svg, canvas, img')].filter((e) => !(e.getAttribute('aria-label') || e.alt)).length;
  found.wide = document.documentElement.scrollWidth - innerWidth;
  found.wrong = wrong;
  await fetch('http://127.0.0.1:PORT/', { method: 'POST', mode: 'no-cors', body: JSON.stringify(found) });
})();</script></body>";

fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success()))
}

/// What was found in the page by using it in a window of the given width; the page sends it to a port of the test.
fn used(browser: &str, bench: &Bench, page: &str, width: u32) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let text = bench.read(page).replacen("<head>", LISTEN, 1).replace("</body>", &USE.replace("PORT", &port));
    bench.write("used.html", &text);
    let place = format!("file://{}", bench.path("used.html").display());
    let profile = format!("--user-data-dir={}", bench.path("profile").display());
    let line = [
        "--headless",
        "--no-sandbox",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
    ];
    let mut child = Command::new(browser)
        .args(line)
        .args(["--remote-debugging-port=0", &profile, &format!("--window-size={width},900"), &place])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    listener.set_nonblocking(true).unwrap();
    let sent = (0..1200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        listener.accept().ok().map(|(stream, _)| stream)
    });
    let body = sent.map(|mut stream| {
        stream.set_nonblocking(false).unwrap();
        let mut text = Vec::new();
        let mut part = [0; 4096];
        // The body ends with the brace that its first character opened.
        while serde_json::from_slice::<Value>(body_of(&text)).is_err() {
            let n = stream.read(&mut part).unwrap();
            assert!(n > 0, "{}", String::from_utf8_lossy(&text));
            text.extend_from_slice(&part[..n]);
        }
        serde_json::from_slice(body_of(&text)).unwrap()
    });
    let _ = child.kill();
    let _ = child.wait();
    body.expect("the page was not used to its end within a minute")
}

fn body_of(request: &[u8]) -> &[u8] {
    request.windows(4).position(|four| four == b"\r\n\r\n").map_or(&[], |end| &request[end + 4..])
}

#[test]
fn the_page_shows_the_tumour_in_a_browser_and_follows_the_slider() {
    let Some(browser) = browser() else {
        println!("skipped: no Chromium on this machine");
        return;
    };
    let bench = Bench::new();
    bench.write("study.toml", &STUDY.replace("[output]", "[output]\nfields = true"));
    bench.must(&["run", "study.toml", "--out", "out", "--quiet"]);
    let found = used(browser, &bench, "out/report.html", 1100);
    assert_eq!(found["wrong"], serde_json::json!([]), "{found}");
    let share = |what: &str| found[what]["share"].as_f64().unwrap();
    // Lit spheres of several types: many shades, on a good part of the picture.
    assert!(share("first") > 0.05 && found["first"]["colours"].as_u64().unwrap() > 20, "{found}");
    for changed in ["last", "antigen", "cut", "slice"] {
        assert_ne!(found[changed]["sum"], found["first"]["sum"], "{changed}: {found}");
    }
    assert!(share("cut") < share("last") && share("slice") > share("cut"), "{found}");
    assert_eq!(share("hidden"), 0.0, "{found}");
    // Keys turn, move and zoom, and step through time; the bar has a length; a screenshot is a picture with a name.
    for (one, other) in [("before", "turned"), ("turned", "moved"), ("moved", "zoomed")] {
        assert_ne!(found[one]["sum"], found[other]["sum"], "{other}: {found}");
    }
    assert_eq!(found["back"], 1, "{found}");
    assert!(found["scale"].as_str().unwrap().ends_with(" µm"), "{found}");
    let shot = &found["shot"];
    assert!(
        shot[0].as_str().unwrap().starts_with("tumour-day-") && shot[1] == "data:image/png;base64,",
        "{shot}"
    );
    assert!(shot[2].as_u64().unwrap() > 5000, "{shot}");
    assert_eq!(found["day"], "day 0.833");
    // The charts' cursors are at the end of their axes.
    let cursors = found["cursors"].as_array().unwrap();
    assert!(cursors.len() > 3 && cursors.iter().all(|c| c[0] == c[1]), "{found}");
    assert!(found["legend"].as_str().unwrap().ends_with("/cell"), "{found}");
    assert!(found["state"].as_str().unwrap().contains("HER2"), "{found}");
    assert_eq!(found["unnamed"], 0, "{found}");
    // A phone: nothing but tables is wider than the window, and those scroll by themselves.
    let phone = used(browser, &bench, "out/report.html", 500);
    assert_eq!(phone["wrong"], serde_json::json!([]), "{phone}");
    assert!(phone["wide"].as_i64().unwrap() <= 0, "{phone}");
}

#[test]
fn a_damaged_frame_is_named_and_the_rest_of_the_page_is_there() {
    let bench = Bench::new();
    bench.write("study.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"1 h\""));
    bench.must(&["run", "study.toml", "--out", "out", "--quiet"]);
    let place = bench.path("out/frames/step-00000000.pff");
    let mut bytes = std::fs::read(&place).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&place, bytes).unwrap();
    bench.must(&["report", "out"]);
    let page = bench.read("out/report.html");
    assert!(
        page.contains("The frames cannot be shown") && page.contains("step-00000000.pff"),
        "{page:.3000}"
    );
    assert!(
        page.contains("<h2>Figures</h2>")
            && page.contains("<h2>Parameters</h2>")
            && !page.contains("viewer-header")
    );
}
