// The waterfall: a canvas that stays in place while its box scrolls, and draws the lines in
// sight. Time is µs since the first capture's beginning; `view` is what the width shows.
//
//   label | ▯handshake ▮request ░wait ▨blocked ▮response   --- idle ---   |server FIN

const AXIS_HEIGHT = 24, STATUS_NAMES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

class Waterfall {
  constructor(model, parts) {
    Object.assign(this, { m: model, ...parts, picked: { c: -1, e: -1 }, hits: [] });
    this.context = this.canvas.getContext('2d');
    this.arrange();
  }

  arrange() {
    lanesArrange(this.m);
    const margin = (this.m.to - this.m.from) * 0.01;
    this.all = { from: this.m.from - margin, to: this.m.to + margin * 6 };
    this.view = { ...this.all };
    this.spacer.style.height = `${this.m.tops[this.m.lines.length] + AXIS_HEIGHT + 8}px`;
    this.box.scrollTop = 0;
    this.box.style.height = `min(62vh, 40rem, ${Math.max(120, parseFloat(this.spacer.style.height) + 2)}px)`;
    this.draw();
  }

  // ---- measures ----

  measure() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    this.left = clamp(this.width * 0.3, 96, 300);
    for (const [canvas, height] of [[this.canvas, this.height], [this.strip, 44]]) {
      const wide = Math.round(this.width * ratio), tall = Math.round(height * ratio);
      if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
      canvas.style.width = `${this.width}px`;
      canvas.style.height = `${height}px`;
      canvas.getContext('2d').setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.scale = (this.width - this.left) / (this.view.to - this.view.from);
  }

  x(us) { return this.left + (us - this.view.from) * this.scale; }
  at(x) { return this.view.from + (x - this.left) / this.scale; }

  show(from, to) {
    const span = clamp(to - from, 20, (this.all.to - this.all.from));
    const middle = (from + to) / 2;
    this.view.from = clamp(middle - span / 2, this.all.from, this.all.to - span);
    this.view.to = this.view.from + span;
    this.draw();
  }

  zoom(factor, at = (this.view.from + this.view.to) / 2) {
    this.show(at - (at - this.view.from) * factor, at + (this.view.to - at) * factor);
  }

  pan(part) {
    const by = (this.view.to - this.view.from) * part;
    this.show(this.view.from + by, this.view.to + by);
  }

  // ---- drawing ----

  draw() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => { this.isWaiting = false; this.paint(); });
  }

  paint() {
    this.measure();
    if (this.width <= this.left) return;
    this.colour = colours();
    this.hatch = this.makeHatch();
    const { context: g, m } = this;
    g.clearRect(0, 0, this.width, this.height);
    g.font = '12px system-ui, sans-serif';
    g.textBaseline = 'middle';
    this.hits = [];
    const top = this.box.scrollTop, past = top + this.height;
    for (let i = lanesAt(m, top); i < m.lines.length && m.tops[i] < past; i++) {
      this.paintLine(i, AXIS_HEIGHT + m.tops[i] - top);
    }
    if (!m.lines.length) this.write('No connection matches.', 8, AXIS_HEIGHT + 20, this.colour.soft);
    this.paintAxis();
    this.paintStrip();
    this.caption.textContent = `${asCount(m.lines.length)} connections · ${asTime(this.view.to - this.view.from)} in sight`;
  }

  makeHatch() {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const g = tile.getContext('2d');
    g.fillStyle = this.colour.hol;
    g.fillRect(0, 0, 6, 6);
    g.strokeStyle = this.colour.card;
    g.lineWidth = 1.6;
    g.beginPath();
    for (const by of [-6, 0, 6]) { g.moveTo(by, 6); g.lineTo(by + 6, 0); }
    g.stroke();
    return this.context.createPattern(tile, 'repeat');
  }

  write(text, x, y, colour, align = 'left') {
    this.context.fillStyle = colour;
    this.context.textAlign = align;
    this.context.fillText(text, x, y);
  }

  paintAxis() {
    const { context: g, colour } = this;
    g.fillStyle = colour.card;
    g.fillRect(0, 0, this.width, AXIS_HEIGHT);
    const step = niceStep(this.view.to - this.view.from, (this.width - this.left) / 96);
    g.strokeStyle = colour.line;
    for (let at = Math.ceil((this.view.from - this.m.from) / step) * step; at + this.m.from <= this.view.to; at += step) {
      const x = Math.round(this.x(at + this.m.from)) + 0.5;
      g.beginPath(); g.moveTo(x, AXIS_HEIGHT - 5); g.lineTo(x, this.height); g.globalAlpha = 0.55; g.stroke(); g.globalAlpha = 1;
      if (x < this.width - 30 && at >= 0) this.write(asTime(at), x, 10, colour.soft, 'center');
    }
    this.write('connection', 8, 10, colour.soft);
  }

  fitText(text, width) {
    const g = this.context;
    if (g.measureText(text).width <= width) return text;
    let low = 0, high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (g.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
      else high = middle - 1;
    }
    return `${text.slice(0, low)}…`;
  }

  paintLine(i, y) {
    const { context: g, m, colour } = this, c = m.lines[i];
    const height = m.tops[i + 1] - m.tops[i], middle = y + LINE_HEIGHT / 2;
    if (this.picked.c === c) {
      g.fillStyle = colour.pick;
      g.fillRect(0, y, this.width, height);
    }
    const marks = m.conns.of.findings[c] ? `▲${m.conns.of.findings[c]} ` : '';
    this.write(this.fitText(marks + connName(m, c), this.left - 14), 8, middle, marks ? colour.ink : colour.soft);
    g.save();
    g.beginPath(); g.rect(this.left, y, this.width - this.left, height); g.clip();
    this.paintConnection(c, middle);
    if (m.past[c] > m.first[c]) this.paintExchanges(c, y);
    g.restore();
  }

  paintConnection(c, middle) {
    const { context: g, m, colour } = this, { of } = m.conns;
    const from = this.x(connStart(m, c)), to = this.x(connEnd(m, c));
    g.fillStyle = colour.faint;
    g.fillRect(from, middle - 1, Math.max(1, to - from), 2);
    if (of.handshake[c]) {
      g.strokeStyle = colour.soft;
      g.strokeRect(from + 0.5, middle - 3.5, Math.max(1, of.handshake[c] * this.scale - 1), 7);
    }
    const state = textAt(m.conns, 'open_result', c);
    const kind = textAt(m.conns, 'close_kind', c);
    let says = kind ? `${textAt(m.conns, 'closed_by', c) || ''} ${kind.toUpperCase()}` : '→';
    if (state === 'refused' || state === 'unanswered') says = `✕ ${state}`;
    if (kind) {
      g.fillStyle = colour.soft;
      g.fillRect(to - 1, middle - 6, 2, 12);
    }
    this.write(says, to + 5, middle, kind === 'rst' || says.startsWith('✕') ? colour.server : colour.soft);
  }

  paintExchanges(c, y) {
    const { m } = this, { of } = m.exchanges, base = connStart(m, c);
    const isFlat = m.lanes[c] === 1;
    if (!isFlat && m.laneOf[m.first[c]] < 0) lanesAssign(m, c);
    const drawn = new Array(m.lanes[c]).fill(-1);
    for (let e = m.first[c]; e < m.past[c]; e++) {
      const start = of.start[e];
      if (start == null) continue;
      const end = of.last[e] ?? of.first[e] ?? of.asked[e] ?? start;
      const from = this.x(base + start), to = this.x(base + end), lane = isFlat ? 0 : m.laneOf[e];
      if (to < this.left || from > this.width) continue;
      // What would fall on the same pixel is drawn once.
      if (to - from < 0.6 && from - drawn[lane] < 0.6 && e !== this.picked.e) continue;
      drawn[lane] = to;
      this.paintExchange(e, base, from, to, isFlat ? y + 4 : y + 5 + lane * LANE_HEIGHT, isFlat ? 14 : 9);
    }
  }

  paintExchange(e, base, from, to, y, height) {
    const { context: g, m, colour } = this, { of } = m.exchanges;
    const part = (start, end, fill, top, tall) => {
      if (start == null || end == null) return;
      g.fillStyle = fill;
      g.fillRect(this.x(base + start), top, Math.max(1, (end - start) * this.scale), tall);
    };
    const asked = of.asked[e] ?? of.start[e], first = of.first[e];
    part(asked, first, colour.wait, y + 2, height - 4);
    if (of.hol[e]) part(asked, Math.min(asked + of.hol[e], first ?? Infinity), this.hatch, y, height);
    part(of.start[e], asked, colour.ask, y, height);
    const status = of.status[e], isBad = status == null || status >= 400;
    part(first, of.last[e] ?? first, status >= 300 && !isBad ? colour.moved : isBad ? colour.server : colour.ok, y, height);
    if (isBad) {
      g.strokeStyle = colour.server;
      g.strokeRect(from - 0.5, y - 0.5, Math.max(2, to - from) + 1, height + 1);
    }
    const says = status == null ? '✕' : `${status}`;
    if (to - from > 64) {
      this.write(this.fitText(`${says} ${exchangeName(m, e)}`, to - from - 6), from + 4, y + height / 2 + 0.5, colour.ink);
    } else if (isBad && height > 10) this.write(says, to + 3, y + height / 2, colour.server);
    if (e === this.picked.e) {
      g.strokeStyle = colour.ink;
      g.lineWidth = 2;
      g.strokeRect(from - 2, y - 2, Math.max(2, to - from) + 4, height + 4);
      g.lineWidth = 1;
    }
    this.hits.push([from - 3, to + 3, y - 2, y + height + 2, e]);
  }

  // How much was going on: exchanges under way, over the whole time.
  paintStrip() {
    const g = this.strip.getContext('2d'), { m, colour } = this;
    const wide = Math.max(1, Math.floor(this.width - this.left)), scale = wide / (this.all.to - this.all.from);
    if (!this.levels || this.levels.length !== wide + 1 || this.levelsOf !== m.lines) {
      this.levels = new Float64Array(wide + 1);
      this.levelsOf = m.lines;
      for (const c of m.lines) {
        for (let e = m.first[c]; e < m.past[c]; e++) {
          const at = (connStart(m, c) + (m.exchanges.of.start[e] ?? 0) - this.all.from) * scale;
          this.levels[clamp(Math.floor(at), 0, wide)]++;
        }
      }
    }
    const most = Math.max(1, ...this.levels);
    g.clearRect(0, 0, this.width, 44);
    g.fillStyle = colour.ok;
    this.levels.forEach((level, x) => level && g.fillRect(this.left + x, 42 - 38 * Math.sqrt(level / most), 1, 38 * Math.sqrt(level / most)));
    const from = this.left + (this.view.from - this.all.from) * scale, to = this.left + (this.view.to - this.all.from) * scale;
    g.fillStyle = colour.page;
    g.globalAlpha = 0.65;
    g.fillRect(this.left, 0, from - this.left, 44);
    g.fillRect(to, 0, this.width - to, 44);
    g.globalAlpha = 1;
    g.strokeStyle = colour.accent;
    g.lineWidth = 2;
    g.strokeRect(from + 1, 1, Math.max(3, to - from - 2), 42);
    g.lineWidth = 1;
    g.font = '12px system-ui, sans-serif';
    g.textBaseline = 'middle';
    g.fillStyle = colour.soft;
    g.fillText('requests begun', 8, 22);
  }

  // ---- selection ----

  select(c, e = -1, moves = true) {
    this.picked = { c, e };
    const line = this.m.lines.indexOf(c);
    if (c < 0 || line < 0) return;
    if (moves) this.reveal(line, e);
    detailShow(this.detail, this.m, c, e, (conn, exchange) => this.select(conn, exchange));
    this.live.textContent = detailSentence(this.m, c, e, line);
    this.draw();
  }

  reveal(line, e) {
    const { m } = this, c = m.lines[line], room = this.box.clientHeight - AXIS_HEIGHT;
    if (m.tops[line] < this.box.scrollTop || m.tops[line + 1] > this.box.scrollTop + room) {
      this.box.scrollTop = m.tops[line] - room / 3;
    }
    const from = connStart(m, c) + (e < 0 ? 0 : m.exchanges.of.start[e] ?? 0);
    if (from < this.view.from || from > this.view.to) {
      const half = (this.view.to - this.view.from) / 2;
      this.show(from - half, from + half);
    }
  }

  zoomToPicked() {
    const { m, picked: { c, e } } = this;
    if (c < 0) return;
    const { of } = m.exchanges, base = connStart(m, c);
    const from = e < 0 ? base : base + (of.start[e] ?? 0);
    const to = e < 0 ? connEnd(m, c) : base + (of.last[e] ?? of.asked[e] ?? of.start[e] ?? 0);
    const margin = Math.max(50, (to - from) * 0.6);
    this.show(from - margin, to + margin);
  }

  step(lines, exchanges) {
    const { m, picked } = this, line = m.lines.indexOf(picked.c);
    if (line < 0 || lines !== 0) {
      const next = clamp(line + (lines || 1), 0, m.lines.length - 1);
      if (m.lines.length) this.select(m.lines[next]);
      return;
    }
    const c = picked.c, e = picked.e < 0 ? m.first[c] - (exchanges > 0 ? 1 : 0) : picked.e;
    if (m.past[c] > m.first[c]) this.select(c, clamp(e + exchanges, m.first[c], m.past[c] - 1));
  }

  pick(x, y) {
    const hit = this.hits.filter(([from, to, top, past]) => x >= from && x <= to && y >= top && y <= past)
      .sort((a, b) => (a[1] - a[0]) - (b[1] - b[0]))[0];
    const line = lanesAt(this.m, y - AXIS_HEIGHT + this.box.scrollTop);
    if (y > AXIS_HEIGHT && this.m.lines.length) this.select(this.m.lines[line], hit ? hit[4] : -1, false);
  }
}
