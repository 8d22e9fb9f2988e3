// The page itself: theme, charts, tables, and the waterfall with its controls.

function pageTheme() {
  const button = byId('theme'), root = document.documentElement;
  const isDark = () => (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const name = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  button.hidden = false;
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
    redrawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { name(); redrawAll(); });
  name();
}

const WATERFALL_KEYS = {
  ArrowDown: w => w.step(1, 0), ArrowUp: w => w.step(-1, 0),
  ArrowRight: w => w.step(0, 1), ArrowLeft: w => w.step(0, -1),
  PageDown: w => w.step(20, 0), PageUp: w => w.step(-20, 0),
  Home: w => w.step(-1e9, 0), End: w => w.step(1e9, 0),
  '+': w => w.zoom(0.5), '=': w => w.zoom(0.5), '-': w => w.zoom(2),
  a: w => w.pan(-0.4), d: w => w.pan(0.4),
  0: w => w.show(w.all.from, w.all.to), Enter: w => w.zoomToPicked(),
};

function waterfallDrag(w) {
  let start = null;
  w.canvas.addEventListener('pointerdown', event => {
    start = { x: event.offsetX, y: event.offsetY, from: w.view.from, to: w.view.to, has: false };
  });
  w.canvas.addEventListener('pointermove', event => {
    if (!start || !event.buttons) return;
    const by = event.offsetX - start.x;
    if (Math.abs(by) > 4) start.has = true;
    if (start.has) w.show(start.from - by / w.scale, start.to - by / w.scale);
  });
  w.canvas.addEventListener('pointerup', event => {
    if (start && !start.has) w.pick(event.offsetX, event.offsetY);
    start = null;
  });
  w.canvas.addEventListener('pointercancel', () => { start = null; });
  w.canvas.addEventListener('dblclick', event => w.zoom(0.25, w.at(event.offsetX)));
}

function waterfallStripDrag(w) {
  let start = null;
  const at = event => w.all.from + (event.offsetX - w.left) / (w.width - w.left) * (w.all.to - w.all.from);
  w.strip.addEventListener('pointerdown', event => { start = at(event); w.strip.setPointerCapture(event.pointerId); });
  w.strip.addEventListener('pointermove', event => {
    if (start !== null && Math.abs(at(event) - start) * w.scale > 4) w.show(Math.min(start, at(event)), Math.max(start, at(event)));
  });
  w.strip.addEventListener('pointerup', event => {
    const half = (w.view.to - w.view.from) / 2;
    if (start !== null && at(event) === start) w.show(start - half, start + half);
    start = null;
  });
}

function waterfallEvents(w) {
  w.box.addEventListener('scroll', () => w.draw(), { passive: true });
  w.box.addEventListener('wheel', event => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      w.zoom(Math.exp(clamp(event.deltaY, -100, 100) / 150), w.at(event.offsetX));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      w.pan((event.deltaX || event.deltaY) / 800);
    }
  }, { passive: false });
  w.canvas.addEventListener('keydown', event => {
    const act = WATERFALL_KEYS[event.key];
    if (!act || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act(w);
  });
  waterfallDrag(w);
  waterfallStripDrag(w);
  new ResizeObserver(() => w.draw()).observe(w.box);
}

function waterfallControls(w) {
  const { m } = w, button = (text, label, act) => make('button', { type: 'button', 'aria-label': label, title: label, click: act }, text);
  const choose = (label, options, value, change) => make('label', {}, `${label} `,
    make('select', { change: event => change(event.target.value) }, ...options.map(([key, text]) =>
      make('option', { value: key, selected: String(key) === String(value) }, text))));
  const parts = [
    make('label', {}, 'Filter ', make('input', { type: 'search', id: 'filter', size: 18,
      'aria-description': 'host, address, target, status, cause',
      input: event => { m.filter = event.target.value; w.arrange(); } })),
    choose('Order', Object.entries(LANES_ORDERS).map(([key, [text]]) => [key, text]), m.order,
      value => { m.order = value; w.arrange(); }),
  ];
  if (m.captures.rows > 1) {
    const names = Array.from({ length: m.captures.rows }, (_, i) => [i, String(textAt(m.captures, 'source', i)).split('/').pop()]);
    parts.push(choose('Capture', [[-1, 'all, on one timeline'], ...names], m.scope,
      value => { m.scope = Number(value); w.arrange(); }));
  }
  parts.push(make('span', { class: 'buttons' }, button('−', 'Zoom out', () => w.zoom(2)), button('+', 'Zoom in', () => w.zoom(0.5)),
    button('◀', 'Earlier', () => w.pan(-0.4)), button('▶', 'Later', () => w.pan(0.4)),
    button('All', 'Show all of the time', () => w.show(w.all.from, w.all.to)),
    button('Selected', 'Zoom to what is selected', () => w.zoomToPicked())));
  return make('div', { class: 'controls' }, ...parts);
}

function waterfallLegend() {
  const key = (name, text) => make('li', {}, make('i', { class: `key ${name}` }), ` ${text}`);
  return make('ul', { class: 'legend' }, key('shake', 'handshake'), key('ask', 'request'), key('wait', 'wait'),
    key('hol', 'blocked behind earlier responses'), key('ok', 'response 2xx'), key('moved', '3xx'),
    key('server', '4xx, 5xx or none (framed)'), key('open', 'idle'));
}

// The lines in sight as a table, for who reads rather than looks.
function waterfallTable(w) {
  const place = make('div'), size = 50;
  let page = 0;
  const fill = () => {
    const { m } = w, pages = Math.max(1, Math.ceil(m.lines.length / size));
    page = clamp(page, 0, pages - 1);
    const rows = m.lines.slice(page * size, (page + 1) * size).map(c => make('tr', {},
      make('td', {}, make('button', { type: 'button', click: () => w.select(c) }, connName(m, c))),
      ...[asTime(connStart(m, c) - m.from), asTime(m.conns.of.length[c]), m.past[c] - m.first[c], asTime(m.worst[c] || null),
        asTime(m.conns.of.hol[c] || null), m.conns.of.findings[c] || '', m.conns.of.first_packet[c]].map(text =>
        make('td', { class: 'n' }, String(text)))));
    const heads = ['connection', 'from', 'open for', 'exchanges', 'slowest wait', 'blocked', 'findings', 'first packet'];
    const turn = by => () => { page += by; fill(); };
    place.replaceChildren(make('p', {}, `Page ${page + 1} of ${pages} `,
      make('button', { type: 'button', disabled: page === 0, click: turn(-1) }, 'Before'), ' ',
      make('button', { type: 'button', disabled: page === pages - 1, click: turn(1) }, 'Next')),
    make('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Connections' }, make('table', {},
      make('caption', {}, 'Connections in the order of the drawing'),
      make('thead', {}, make('tr', {}, ...heads.map((name, i) => make('th', { scope: 'col', class: i ? null : 't' }, name)))),
      make('tbody', {}, ...rows))));
  };
  return make('details', { class: 'data', toggle: event => { if (event.target.open) fill(); } }, make('summary', {}, 'Table'), place);
}

function waterfallSays(m) {
  const total = name => Number(document.querySelector(`[data-total=${name}]`)?.textContent || 0);
  const shown = `${asCount(m.conns.rows)} of ${asCount(total('connections'))} connections and ${asCount(m.exchanges.rows)} of ${asCount(total('exchanges'))} exchanges are drawn`;
  const isAll = !m.conns.is_cut && !m.exchanges.is_cut && m.conns.rows === total('connections');
  return isAll ? `All ${shown.replace(/ of [\d,]+/g, '')}.`
    : `${shown}: those with findings, blocking or a failed open first, then the earliest. The figures elsewhere count all.`;
}

function waterfallHash(w) {
  const id = /^#connection-(\d+)$/.exec(location.hash)?.[1];
  if (!id) return;
  const c = w.m.idToConn.get(id);
  byId('waterfall').scrollIntoView();
  if (c === undefined) {
    w.live.textContent = `Connection ${id} is not among those drawn.`;
    return;
  }
  if (!w.m.lines.includes(c)) {
    const capture = textAt(w.m.conns, 'capture_id', c);
    const at = Array.from({ length: w.m.captures.rows }, (_, i) => textAt(w.m.captures, 'id', i)).indexOf(capture);
    Object.assign(w.m, { filter: '', scope: w.m.scope < 0 ? -1 : at });
    byId('filter').value = '';
    const select = document.querySelector('#lanes .controls label:nth-of-type(3) select');
    if (select) select.value = String(w.m.scope);
    w.arrange();
  }
  w.select(c, w.m.past[c] > w.m.first[c] ? w.m.first[c] : -1);
  w.zoomToPicked();
  w.canvas.focus({ preventScroll: true });
}

function waterfallStart() {
  const m = lanesModel(), place = byId('lanes');
  if (!m.conns.rows) {
    place.replaceChildren(make('p', { class: 'none' }, 'There is no connection to draw.'));
    return;
  }
  const canvas = make('canvas', { tabindex: 0, role: 'application', 'aria-label': 'Connections over time', 'aria-describedby': 'keys' });
  const parts = {
    canvas, strip: make('canvas', { class: 'strip', 'aria-hidden': 'true' }), spacer: make('div', { class: 'spacer' }),
    detail: make('div', { class: 'detail' }, make('p', { class: 'soft' }, 'Click an exchange, or a line, to read about it here.')),
    live: make('p', { class: 'live', 'aria-live': 'polite' }), caption: make('span', { class: 'soft' }),
  };
  parts.box = make('div', { class: 'box' }, canvas, parts.spacer);
  place.replaceChildren(make('p', {}, waterfallSays(m)));
  place.append(parts.box);
  const w = new Waterfall(m, parts);
  place.append(waterfallControls(w), waterfallLegend(), parts.strip, parts.box, make('p', { class: 'under' }, parts.caption,
    make('span', { id: 'keys', class: 'soft' }, ' · keys: arrows select, + − zoom, A D move, Enter to the selection, 0 all; Ctrl and wheel zoom, drag moves')),
  parts.live, parts.detail, waterfallTable(w));
  waterfallEvents(w);
  redraws.push(() => w.draw());
  addEventListener('hashchange', () => waterfallHash(w));
  document.addEventListener('click', event => {
    if (event.target.closest('a.to')?.getAttribute('href') === location.hash) waterfallHash(w);
  });
  waterfallHash(w);
}

function pageStart() {
  pageTheme();
  chartPatterns();
  for (const table of document.querySelectorAll('table[data-chart]')) chartPut(table);
  for (const table of document.querySelectorAll('main table')) tablePrepare(table);
  let width = innerWidth;
  addEventListener('resize', () => { if (width !== innerWidth) { width = innerWidth; redrawAll(); } });
  // On paper a chart has its numbers under it, unless they would fill pages.
  addEventListener('beforeprint', () => {
    for (const part of document.querySelectorAll('details.data'))
      part.open = part.open || part.querySelectorAll('tbody tr').length <= 40;
  });
  // What can be read is painted before what has to be unpacked.
  requestAnimationFrame(() => setTimeout(() => {
    waterfallStart();
    document.documentElement.dataset.ready = Math.round(performance.now());
  }));
}

pageStart();
