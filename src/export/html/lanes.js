// What the waterfall draws: connections as lines, their exchanges on up to eight lanes of
// a line when they were pipelined. No pixels here but heights.
//
//   data --scope, filter, order--> lines --heights summed--> where each line begins

const LINE_HEIGHT = 22, LANE_HEIGHT = 11, LANES_MAX = 8;

// Where the exchanges of each connection begin and end: they stand together.
function lanesIndex(m) {
  const { conns, exchanges } = m;
  m.first = new Int32Array(conns.rows).fill(0);
  m.past = new Int32Array(conns.rows).fill(0);
  m.idToConn = new Map();
  for (let c = 0; c < conns.rows; c++) m.idToConn.set(textAt(conns, 'id', c), c);
  const wordToConn = (exchanges.words.connection_id || []).map(id => m.idToConn.get(id));
  m.connOf = new Int32Array(exchanges.rows).fill(-1);
  for (let e = 0; e < exchanges.rows; e++) {
    const c = wordToConn[exchanges.of.connection_id[e]];
    if (c === undefined) continue;
    if (m.past[c] === 0) m.first[c] = e;
    m.past[c] = e + 1;
    m.connOf[e] = c;
  }
}

// Each time came as the distance from the one before it.
function lanesUnpackTimes({ rows, of }) {
  of.wait = new Array(rows).fill(null);
  for (let e = 0; e < rows; e++) {
    const start = of.start[e];
    if (start == null) continue;
    if (of.asked[e] != null) of.asked[e] += start;
    if (of.first[e] == null) continue;
    if (of.asked[e] != null) of.wait[e] = Math.max(0, of.first[e]);
    of.first[e] += of.asked[e] ?? start;
    if (of.last[e] != null) of.last[e] += of.first[e];
  }
}

function lanesModel() {
  const m = { conns: readData('connections'), exchanges: readData('exchanges'), captures: readData('captures') };
  lanesUnpackTimes(m.exchanges);
  lanesIndex(m);
  const { conns, exchanges: x } = m;
  m.worst = new Float64Array(conns.rows);
  m.lanes = new Uint8Array(conns.rows).fill(1);
  for (let c = 0; c < conns.rows; c++) {
    m.lanes[c] = clamp(conns.of.max_depth[c] || 1, 1, LANES_MAX);
    for (let e = m.first[c]; e < m.past[c]; e++) m.worst[c] = Math.max(m.worst[c], x.of.wait[e] || 0);
  }
  m.laneOf = new Int8Array(x.rows).fill(-1);
  m.scope = lanesUsualScope(m);
  m.order = 'start';
  m.filter = '';
  return m;
}

// One timeline for all captures when they follow each other, else the busiest one.
function lanesUsualScope(m) {
  const { of, rows } = m.captures;
  if (rows < 2) return -1;
  let covered = 0, from = Infinity, to = -Infinity, most = 0;
  for (let i = 0; i < rows; i++) {
    covered += of.length[i] || 0;
    from = Math.min(from, of.start[i] ?? Infinity);
    to = Math.max(to, (of.start[i] || 0) + (of.length[i] || 0));
    if ((of.exchanges[i] || 0) > (of.exchanges[most] || 0)) most = i;
  }
  return covered * 2 > to - from ? -1 : most;
}

// Exchanges that overlap go to the first lane that is free.
function lanesAssign(m, c) {
  const { of } = m.exchanges, ends = new Array(m.lanes[c]).fill(-Infinity);
  for (let e = m.first[c]; e < m.past[c]; e++) {
    const start = of.start[e] ?? 0;
    let lane = ends.findIndex(end => end <= start);
    if (lane < 0) lane = ends.length - 1;
    ends[lane] = Math.max(ends[lane], of.last[e] ?? of.first[e] ?? of.asked[e] ?? start);
    m.laneOf[e] = lane;
  }
}

const connStart = (m, c) => m.conns.of.start[c] ?? 0;
const connEnd = (m, c) => connStart(m, c) + (m.conns.of.length[c] || 0);

function connHost(m, c) {
  for (let e = m.first[c]; e < m.past[c]; e++) {
    const host = textAt(m.exchanges, 'host', e);
    if (host) return host;
  }
  return null;
}

const asEndpoint = (ip, port) => `${String(ip).includes(':') ? `[${ip}]` : ip}:${port}`;
const connClient = (m, c) => asEndpoint(textAt(m.conns, 'client_ip', c), m.conns.of.client_port[c]);
const connServer = (m, c) => asEndpoint(textAt(m.conns, 'server_ip', c), m.conns.of.server_port[c]);
const connName = (m, c) => `${connHost(m, c) || connServer(m, c)} ← ${connClient(m, c)}`;

// Which connections have the filter's words in their addresses, hosts, targets or causes.
function lanesMatches(m) {
  const wanted = m.filter.trim().toLowerCase();
  if (!wanted) return null;
  const matches = new Uint8Array(m.conns.rows);
  const { exchanges: x, conns } = m;
  const hits = data => name => (data.words[name] || []).map(word => word.toLowerCase().includes(wanted));
  const inExchange = ['host', 'target', 'method', 'state'].map(name => [x.of[name], hits(x)(name)]);
  const inConn = ['id', 'close_cause', 'close_kind', 'open_result'].map(name => [conns.of[name], hits(conns)(name)]);
  for (let e = 0; e < x.rows; e++) {
    if (m.connOf[e] < 0) continue;
    if (inExchange.some(([of, hit]) => of[e] != null && hit[of[e]]) || String(x.of.status[e]) === wanted) matches[m.connOf[e]] = 1;
  }
  for (let c = 0; c < conns.rows; c++) {
    if (inConn.some(([of, hit]) => of[c] != null && hit[of[c]]) || connClient(m, c).includes(wanted)
      || connServer(m, c).includes(wanted)) matches[c] = 1;
  }
  return matches;
}

const LANES_ORDERS = {
  start: ['time of opening', (m, c) => connStart(m, c)],
  wait: ['slowest wait', (m, c) => -m.worst[c]],
  blocked: ['longest blocked', (m, c) => -(m.conns.of.hol[c] || 0)],
  exchanges: ['most exchanges', (m, c) => m.first[c] - m.past[c]],
  length: ['longest open', (m, c) => -(m.conns.of.length[c] || 0)],
  findings: ['most findings', (m, c) => -(m.conns.of.findings[c] || 0)],
};

function lanesArrange(m) {
  const matches = lanesMatches(m), lines = [];
  const scope = m.scope < 0 ? null : textAt(m.captures, 'id', m.scope);
  for (let c = 0; c < m.conns.rows; c++) {
    if ((scope === null || textAt(m.conns, 'capture_id', c) === scope) && (!matches || matches[c])) lines.push(c);
  }
  const keys = new Float64Array(m.conns.rows), key = LANES_ORDERS[m.order][1];
  for (const c of lines) keys[c] = key(m, c);
  lines.sort((a, b) => keys[a] - keys[b] || a - b);
  m.lines = lines;
  m.tops = new Float64Array(lines.length + 1);
  m.from = Infinity;
  m.to = -Infinity;
  lines.forEach((c, i) => {
    m.tops[i + 1] = m.tops[i] + LINE_HEIGHT + (m.lanes[c] - 1) * LANE_HEIGHT;
    m.from = Math.min(m.from, connStart(m, c));
    m.to = Math.max(m.to, connEnd(m, c));
  });
  if (!lines.length) [m.from, m.to] = [0, 1];
  if (m.to <= m.from) m.to = m.from + 1;
}

// The line that holds the height `y`.
function lanesAt(m, y) {
  let low = 0, high = m.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (m.tops[middle] <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
