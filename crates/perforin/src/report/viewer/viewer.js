// The 3-D view of a tumour: spheres drawn as lit discs (one triangle each) with WebGL2. See viewer.rs for the data.
"use strict";
(() => {
  const $ = (id) => document.getElementById("viewer-" + id);
  const root = document.getElementById("viewer"), canvas = $("canvas");
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: false });
  if (!gl || typeof DecompressionStream === "undefined") return;
  const header = JSON.parse($("header").textContent);
  root.hidden = false;
  $("missing").hidden = true;

  // Cells in a row of a texture.
  const ROW = 2048;

  // --- Frames: each is unpacked when it is first shown.
  const cache = new Map();
  async function packed(k) {
    const element = $("frame-" + k);
    if (element) return Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
    return new Uint8Array(await (await fetch("frames/" + k)).arrayBuffer());
  }
  async function load(k) {
    if (cache.has(k)) return cache.get(k);
    const stream = new Blob([await packed(k)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const n = header.frames[k].n, plane = (i) => bytes.subarray(i * n, (i + 1) * n);
    // Four values a cell, and whole rows of the textures that they go into.
    const rows = Math.max(1, Math.ceil(n / ROW)), texels = 4 * ROW * rows;
    const frame = { n, rows, id: new Float64Array(n), position: new Uint16Array(texels), look: new Uint8Array(texels) };
    let id = 0;
    for (let i = 0; i < n; i++) {
      id += plane4(bytes, n, i);
      frame.id[i] = id;
      for (let a = 0; a < 3; a++) frame.position[4 * i + a] = bytes[(4 + 2 * a) * n + i] | (bytes[(5 + 2 * a) * n + i] << 8);
    }
    frame.radius = plane(10); frame.kind = plane(11); frame.condition = plane(12);
    frame.scalars = header.scalars.map((_, s) => plane(13 + s));
    let at = (13 + header.scalars.length) * n;
    const voxels = header.grid ? header.grid.n[0] * header.grid.n[1] * header.grid.n[2] : 0;
    frame.fields = header.fields.map(() => bytes.subarray(at, (at += voxels)));
    cache.set(k, frame);
    if (cache.size > 60) cache.delete(cache.keys().next().value);
    return frame;
  }
  const plane4 = (bytes, n, i) => bytes[i] + 256 * (bytes[n + i] + 256 * (bytes[2 * n + i] + 256 * bytes[3 * n + i]));

  // --- Values and colours.
  const value = (scale, code) => {
    if (!scale.log) return scale.low + (scale.high - scale.low) * code / 255;
    return code === 0 ? 0 : scale.low * Math.pow(scale.high / scale.low, (code - 1) / 254);
  };
  const text = (x) => x === 0 ? "0" : Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(1) : String(Number(x.toPrecision(3)));
  // Fixed colours on the dark stage, those of the page's dark style.
  const PALETTE = ["#56b4e9", "#f0803c", "#2fc79b", "#dc8fc0", "#e6b532", "#9fd0f0"];
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
  // Nine points of viridis.
  const RAMP = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"].map(rgb);
  const ramp = (t) => {
    const x = Math.min(Math.max(t, 0), 1) * (RAMP.length - 1), i = Math.min(Math.floor(x), RAMP.length - 2);
    return RAMP[i].map((c, k) => c + (x - i) * (RAMP[i + 1][k] - c));
  };
  $("ramp").style.background = "linear-gradient(90deg," + RAMP.map((c) => "rgb(" + c.map((v) => Math.round(255 * v)) + ")") + ")";

  // --- Programs.
  const program = (vertex, fragment) => {
    const made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, "#version 300 es\nprecision highp float;\nprecision highp sampler3D;\n" + source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const found = { program: made };
    for (let u = 0; u < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); u++) {
      const name = gl.getActiveUniform(made, u).name.replace("[0]", "");
      found[name] = gl.getUniformLocation(made, name);
    }
    return found;
  };
  // Positions in µm are turned about the middle of the view, then scaled: the projection is parallel, so that the scale
  // bar holds at any depth.
  const spheres = program(`
    uniform highp usampler2D places;      // codes of x, y and z
    uniform sampler2D looks;              // red, green, blue, radius
    uniform vec3 low, span, middle; uniform mat3 turn; uniform vec2 zoom; uniform vec2 shift; uniform float largest, depth;
    uniform int axis; uniform float cut, side;
    out vec2 at; out vec3 colour; flat out float radius; flat out float z;
    void main() {
      // Three vertices a cell: a triangle about its disc. Nothing is bound for each instance, which would cost more than to draw.
      int cell = gl_VertexID / 3, k = gl_VertexID - 3 * cell;
      vec2 corner = k == 0 ? vec2(0.0, 2.0) : vec2(k == 1 ? -1.7320509 : 1.7320509, -1.0);
      ivec2 texel = ivec2(cell & 2047, cell >> 11);
      vec3 x = low + span * vec3(texelFetch(places, texel, 0).xyz) / 4095.0;
      vec4 look = texelFetch(looks, texel, 0);
      vec3 seen = turn * (x - middle);
      radius = look.w * largest;
      at = corner; colour = look.rgb; z = seen.z;
      bool hidden = radius == 0.0 || (axis >= 0 && side * (x[axis] - cut) > 0.0);
      gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((seen.xy + radius * corner) * zoom + shift, -seen.z / depth, 1.0);
    }`, `
    in vec2 at; in vec3 colour; flat in float radius; flat in float z; uniform float depth;
    out vec4 shown;
    void main() {
      float r2 = dot(at, at);
      if (r2 > 1.0) discard;
      vec3 normal = vec3(at, sqrt(1.0 - r2));
      float light = 0.35 + 0.65 * max(dot(normal, normalize(vec3(0.4, 0.5, 0.8))), 0.0);
      float fog = mix(1.0, 0.55, clamp(0.5 - 0.5 * z / depth * 2.0, 0.0, 1.0));
      gl_FragDepth = 0.5 - 0.5 * (z + radius * normal.z) / depth;
      shown = vec4(colour * light * fog, 1.0);
    }`);
  const slice = program(`
    layout(location = 0) in vec2 corner;
    uniform vec3 low, high, middle; uniform mat3 turn; uniform vec2 zoom; uniform vec2 shift; uniform float depth, cut; uniform int axis;
    out vec3 inside;
    void main() {
      vec2 uv = 0.5 + 0.5 * corner;
      float w = (cut - low[axis]) / (high[axis] - low[axis]);
      inside = axis == 0 ? vec3(w, uv) : axis == 1 ? vec3(uv.x, w, uv.y) : vec3(uv, w);
      vec3 seen = turn * (low + (high - low) * inside - middle);
      gl_Position = vec4(seen.xy * zoom + shift, -seen.z / depth, 1.0);
    }`, `
    in vec3 inside; uniform sampler3D field; uniform vec3 ramp[9]; out vec4 shown;
    void main() {
      float x = texture(field, inside).r * 8.0; int i = min(int(x), 7);
      shown = vec4(mix(ramp[i], ramp[i + 1], x - float(i)), 1.0);
    }`);
  const quad = gl.createBuffer(), places = gl.createTexture(), looks = gl.createTexture(), texture = gl.createTexture();
  gl.bindBuffer(gl.ARRAY_BUFFER, quad);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  // The slice's rectangle; cells need no array.
  const cells = gl.createVertexArray(), plane = gl.createVertexArray();
  gl.bindVertexArray(plane);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  // A texture of values that are fetched and not filtered, in a unit of its own.
  const fill = (unit, which, inner, format, type, values) => {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, which);
    gl.texImage2D(gl.TEXTURE_2D, 0, inner, ROW, frame.rows, 0, format, type, values);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    gl.activeTexture(gl.TEXTURE0);
  };
  gl.enable(gl.DEPTH_TEST);

  // --- What is seen.
  const { low, high } = header, span = low.map((l, a) => high[a] - l);
  const depth = 1.1 * Math.hypot(...span);
  const view = {}, hidden = new Set();
  let now = 0, frame = null, playing = null, dirty = false;
  const reset = () => Object.assign(view, { turn: rotate(rotate(identity(), 0, -0.45), 1, 0.6), zoom: 1, x: 0, y: 0 });
  const identity = () => [1, 0, 0, 0, 1, 0, 0, 0, 1];
  // Columns after one another; turns about the screen's x (0), y (1) or z (2) axis.
  function rotate(m, axis, angle) {
    const [i, j] = [[1, 2], [2, 0], [0, 1]][axis], c = Math.cos(angle), s = Math.sin(angle), out = m.slice();
    for (let k = 0; k < 3; k++) {
      out[3 * k + i] = c * m[3 * k + i] - s * m[3 * k + j];
      out[3 * k + j] = s * m[3 * k + i] + c * m[3 * k + j];
    }
    return out;
  }
  // The view is centred on the cells of the first frame.
  let middle = low.map((l, a) => l + span[a] / 2), extent = Math.max(...span);
  const perPixel = () => extent / view.zoom / Math.min(canvas.clientWidth, canvas.clientHeight);

  function paint() {
    if (!frame) return;
    const by = $("colour").value;
    const look = frame.look, palette = header.types.map((t) => rgb(PALETTE[t.colour % PALETTE.length]).map((c) => 255 * c));
    const table = by === "" ? null : Array.from({ length: 256 }, (_, k) => ramp(k / 255).map((c) => 255 * c));
    const codes = by === "" ? null : frame.scalars[Number(by)];
    for (let i = 0; i < frame.n; i++) {
      const colour = table ? table[codes[i]] : palette[frame.kind[i]];
      // Dead and dying cells are grey when colours stand for types.
      const dead = !table && (frame.condition[i] & 127) !== 0;
      for (let c = 0; c < 3; c++) look[4 * i + c] = dead ? 95 : colour[c];
      look[4 * i + 3] = hidden.has(frame.kind[i]) ? 0 : frame.radius[i];
    }
    fill(2, looks, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, look);
    const scale = by === "" ? null : header.scalars[Number(by)];
    $("legend").hidden = !scale;
    if (scale) {
      $("low").textContent = (scale.log ? "0, " : "") + text(scale.low);
      $("high").textContent = text(scale.high) + " " + scale.unit;
    }
    ask();
  }
  const cut = () => {
    const axis = $("axis").value;
    if (axis === "") return null;
    const a = Number(axis);
    // What lies between the eye and the cut is hidden.
    return { axis: a, at: low[a] + span[a] * Number($("cut").value) / 1000, side: view.turn[3 * a + 2] >= 0 ? 1 : -1 };
  };
  function ask() {
    if (!dirty) { dirty = true; requestAnimationFrame(draw); }
  }
  function camera(p, ratio) {
    const size = extent / view.zoom / 2;
    gl.uniform3fv(p.middle, middle);
    gl.uniformMatrix3fv(p.turn, false, view.turn);
    gl.uniform2f(p.zoom, Math.min(1, 1 / ratio) / size, Math.min(1, ratio) / size);
    gl.uniform2f(p.shift, view.x, view.y);
    gl.uniform1f(p.depth, depth);
  }
  function draw() {
    dirty = false;
    const width = Math.round(canvas.clientWidth * devicePixelRatio), height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    gl.viewport(0, 0, width, height);
    gl.clearColor(0.043, 0.055, 0.07, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (!frame) return;
    const clip = cut();
    gl.useProgram(spheres.program);
    camera(spheres, width / height);
    gl.uniform3fv(spheres.low, low);
    gl.uniform3fv(spheres.span, span);
    gl.uniform1f(spheres.largest, header.radius);
    gl.uniform1i(spheres.axis, clip ? clip.axis : -1);
    gl.uniform1f(spheres.cut, clip ? clip.at : 0);
    gl.uniform1f(spheres.side, clip ? clip.side : 1);
    gl.uniform1i(spheres.places, 1);
    gl.uniform1i(spheres.looks, 2);
    gl.bindVertexArray(cells);
    gl.drawArrays(gl.TRIANGLES, 0, 3 * frame.n);
    if (clip && $("field").value !== "") {
      gl.useProgram(slice.program);
      camera(slice, width / height);
      gl.uniform3fv(slice.low, header.grid.low);
      gl.uniform3fv(slice.high, header.grid.high);
      gl.uniform1f(slice.cut, clip.at);
      gl.uniform1i(slice.axis, clip.axis);
      gl.uniform3fv(slice.ramp, RAMP.flat());
      gl.bindTexture(gl.TEXTURE_3D, texture);
      gl.bindVertexArray(plane);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    bar();
  }
  function bar() {
    const goal = 120 * perPixel(), decade = Math.pow(10, Math.floor(Math.log10(goal)));
    const length = [5, 2, 1].map((m) => m * decade).find((l) => l <= goal);
    $("scale-bar").style.width = length / perPixel() + "px";
    $("scale-text").textContent = text(length) + " µm";
  }

  // --- Time.
  async function show(k) {
    now = k;
    $("time").value = k;
    const day = header.frames[k].day;
    $("day").textContent = "day " + text(day);
    for (const line of document.querySelectorAll("svg .cursor")) {
      const [first, left, last, right] = line.parentNode.dataset.days.split(" ").map(Number);
      const x = left + (right - left) * (day - first) / (last - first);
      line.setAttribute("x1", x); line.setAttribute("x2", x);
    }
    const loaded = await load(k);
    if (now !== k) return;
    frame = loaded;
    fill(1, places, gl.RGBA16UI, gl.RGBA_INTEGER, gl.UNSIGNED_SHORT, frame.position);
    header.types.forEach((_, t) => { $("count-" + t).textContent = header.frames[k].counts[t].toLocaleString("en"); });
    field();
    paint();
    root.dataset.shown = k;
  }
  function field() {
    const by = $("field").value;
    if (by === "" || !frame) return;
    const [nx, ny, nz] = header.grid.n;
    gl.bindTexture(gl.TEXTURE_3D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.R8, nx, ny, nz, 0, gl.RED, gl.UNSIGNED_BYTE, frame.fields[Number(by)]);
    for (const which of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_3D, which, gl.LINEAR);
    for (const which of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) {
      gl.texParameteri(gl.TEXTURE_3D, which, gl.CLAMP_TO_EDGE);
    }
  }
  const step = (by) => show((now + by + header.frames.length) % header.frames.length);
  function play() {
    const on = playing === null;
    if (on) playing = setInterval(() => step(1), 150);
    else { clearInterval(playing); playing = null; }
    $("play").textContent = on ? "⏸" : "▶";
    $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  }

  // --- Controls.
  const option = (list, label, key) => { const o = document.createElement("option"); o.textContent = label; o.value = key; list.append(o); };
  option($("colour"), "cell type", "");
  header.scalars.forEach((scale, s) => option($("colour"), scale.name, s));
  option($("field"), "none", "");
  header.fields.forEach((scale, f) => option($("field"), `${scale.name} (${text(scale.low)} to ${text(scale.high)} ${scale.unit})`, f));
  $("field-label").hidden = header.fields.length === 0;
  header.types.forEach((type, t) => {
    const label = document.createElement("label"), box = document.createElement("input"), swatch = document.createElement("span");
    const count = document.createElement("span");
    box.type = "checkbox"; box.checked = true;
    box.addEventListener("change", () => { if (box.checked) hidden.delete(t); else hidden.add(t); paint(); });
    swatch.className = "swatch"; swatch.style.background = PALETTE[type.colour % PALETTE.length];
    count.id = "viewer-count-" + t;
    label.append(box, swatch, type.name + " ", count);
    $("types").append(label);
  });
  $("time").max = header.frames.length - 1;
  $("time").addEventListener("input", () => show(Number($("time").value)));
  $("play").addEventListener("click", play);
  $("colour").addEventListener("change", paint);
  $("axis").addEventListener("change", () => { $("cut").disabled = $("axis").value === ""; ask(); });
  $("cut").addEventListener("input", ask);
  $("field").addEventListener("change", () => {
    if ($("field").value !== "" && $("axis").value === "") { $("axis").value = "2"; $("cut").disabled = false; }
    field(); ask();
  });
  $("reset").addEventListener("click", () => { reset(); ask(); });
  $("shot").addEventListener("click", () => {
    draw();
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = "tumour-day-" + text(header.frames[now].day) + ".png";
    link.click();
  });

  // --- Turning, moving, zooming.
  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, e); moved = 0; });
  canvas.addEventListener("pointermove", (e) => {
    const before = fingers.get(e.pointerId);
    if (!before) return;
    const dx = e.clientX - before.clientX, dy = e.clientY - before.clientY;
    moved += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 2) {
      const other = [...fingers.values()].find((f) => f.pointerId !== e.pointerId);
      const gap = (f) => Math.hypot(f.clientX - other.clientX, f.clientY - other.clientY);
      zoom(gap(e) / Math.max(gap(before), 1));
    }
    if (fingers.size === 2 || e.shiftKey) {
      view.x += 2 * dx / canvas.clientWidth / fingers.size;
      view.y -= 2 * dy / canvas.clientHeight / fingers.size;
    } else {
      view.turn = rotate(rotate(view.turn, 1, dx * 0.008), 0, dy * 0.008);
    }
    fingers.set(e.pointerId, e);
    ask();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (e) => { fingers.delete(e.pointerId); if (name === "pointerup" && moved < 4) pick(e); });
  }
  const zoom = (by) => { view.zoom = Math.min(Math.max(view.zoom * by, 0.2), 60); ask(); };
  canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoom(Math.exp(-e.deltaY * 0.0015)); }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const turns = { ArrowLeft: [1, -0.1], ArrowRight: [1, 0.1], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    const moves = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    if (moves[e.key] && e.shiftKey) { view.x += moves[e.key][0]; view.y += moves[e.key][1]; }
    else if (turns[e.key]) view.turn = rotate(view.turn, ...turns[e.key]);
    else if (e.key === "+" || e.key === "=") zoom(1.15);
    else if (e.key === "-") zoom(1 / 1.15);
    else if (e.key === " ") play();
    else if (e.key === ",") step(-1);
    else if (e.key === ".") step(1);
    else return;
    e.preventDefault();
    ask();
  });
  // The cell in front under the pointer.
  function pick(e) {
    const box = canvas.getBoundingClientRect(), scale = perPixel(), clip = cut(), t = view.turn;
    const px = (e.clientX - box.left - box.width / 2 - view.x * box.width / 2) * scale;
    const py = -(e.clientY - box.top - box.height / 2 + view.y * box.height / 2) * scale;
    let best = -1, front = -Infinity;
    for (let i = 0; frame && i < frame.n; i++) {
      const r = frame.look[4 * i + 3] / 255 * header.radius;
      if (r === 0) continue;
      const x = [0, 1, 2].map((a) => low[a] + span[a] * frame.position[4 * i + a] / 4095);
      if (clip && clip.side * (x[clip.axis] - clip.at) > 0) continue;
      const d = x.map((v, a) => v - middle[a]), on = (row) => t[row] * d[0] + t[3 + row] * d[1] + t[6 + row] * d[2];
      const gap = (on(0) - px) ** 2 + (on(1) - py) ** 2;
      if (gap > r * r) continue;
      const z = on(2) + Math.sqrt(r * r - gap);
      if (z > front) { front = z; best = i; }
    }
    const state = $("state");
    state.hidden = best < 0;
    if (best < 0) return;
    const place = [0, 1, 2].map((a) => text(low[a] + span[a] * frame.position[4 * best + a] / 4095)).join(", ");
    const lines = [`${header.types[frame.kind[best]].name} ${frame.id[best]}`,
      header.conditions[frame.condition[best] & 127] + (frame.condition[best] & 128 ? ", in a synapse" : ""),
      `at ${place} µm`, `diameter ${text(2 * frame.radius[best] / 255 * header.radius)} µm`];
    header.scalars.forEach((scale, s) => lines.push(`${scale.name} ${text(value(scale, frame.scalars[s][best]))} ${scale.unit}`));
    state.textContent = lines.join("\n");
  }

  // --- The charts share the time.
  for (const svg of document.querySelectorAll("svg[data-days]")) {
    const [first, left, last, right, top, foot] = svg.dataset.days.split(" ").map(Number);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    line.setAttribute("class", "cursor"); line.setAttribute("y1", top); line.setAttribute("y2", foot);
    svg.append(line);
    svg.addEventListener("click", (e) => {
      const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      const day = first + (last - first) * (x - left) / (right - left);
      const gap = (k) => Math.abs(header.frames[k].day - day);
      show(header.frames.reduce((best, _, k) => gap(k) < gap(best) ? k : best, 0));
    });
  }

  // --- Begin: centred on the live cells of the first frame, and as large as they are at any time shown.
  reset();
  new ResizeObserver(ask).observe(canvas);
  load(0).then((first) => {
    const ends = [0, 1, 2].map((a) => {
      let [least, most] = [Infinity, -Infinity];
      for (let i = 0; i < first.n; i++) {
        const x = low[a] + span[a] * first.position[4 * i + a] / 4095;
        least = Math.min(least, x); most = Math.max(most, x);
      }
      return [least, most];
    });
    if (first.n > 0) {
      middle = ends.map(([a, b]) => (a + b) / 2);
      extent = Math.min(1.6 * Math.max(...ends.map(([a, b]) => b - a)) + 20, Math.max(...span) * 1.2);
    }
    const kept = root.dataset.state ? JSON.parse(sessionStorage.getItem("perforin-view") || "null") : null;
    if (kept) Object.assign(view, kept.view);
    return show(kept ? Math.min(kept.atEnd ? header.frames.length - 1 : kept.now, header.frames.length - 1) : 0);
  });
  // A page that is served follows its run: it is fetched again once there is more, and goes on where it was.
  if (root.dataset.state) {
    setInterval(async () => {
      const state = await fetch("state").then((answer) => answer.ok ? answer.text() : "").catch(() => "");
      if (state === "" || state === root.dataset.state) return;
      sessionStorage.setItem("perforin-view", JSON.stringify({ view, now, atEnd: now === header.frames.length - 1 }));
      location.reload();
    }, 5000);
  }
})();
