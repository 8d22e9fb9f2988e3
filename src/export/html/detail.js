// What was selected, in words: the connection, the exchange, and their packet numbers.

function detailList(pairs) {
  return make('dl', {}, ...pairs.filter(([, value]) => value != null && value !== '').map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, String(value)))));
}

function detailWireshark(numbers) {
  const known = [...new Set(numbers.filter(number => number != null))].sort((a, b) => a - b);
  return known.length ? `frame.number in {${known.join(', ')}}` : null;
}

function exchangeName(m, e) {
  const x = m.exchanges;
  return `${textAt(x, 'method', e) || '?'} ${textAt(x, 'target', e) || '?'}`;
}

function exchangeAnswer(m, e) {
  const { of } = m.exchanges, state = textAt(m.exchanges, 'state', e);
  return of.status[e] == null ? (state || 'no response').replace(/_/g, ' ') : String(of.status[e]);
}

function detailExchange(m, e) {
  const { of } = m.exchanges, x = m.exchanges;
  const span = (from, to) => (from == null || to == null ? null : asTime(to - from));
  return make('div', { class: 'exchange' },
    make('h4', {}, `Exchange ${of.ordinal[e]}: ${exchangeName(m, e)}`),
    detailList([
      ['host', textAt(x, 'host', e)], ['answer', exchangeAnswer(m, e)],
      ['state', (textAt(x, 'state', e) || '').replace(/_/g, ' ')],
      ['request packet', of.request_packet[e]], ['response packet', of.response_packet[e]],
      ['request took', span(of.start[e], of.asked[e])],
      ['waited', of.wait[e] == null ? null : asTime(of.wait[e])],
      ['of which behind others', of.hol[e] ? asTime(of.hol[e]) : null],
      ['response took', span(of.first[e], of.last[e])],
      ['requests ahead when sent', of.depth[e] > 1 ? of.depth[e] - 1 : null],
      ['body sent', of.sent[e] == null ? null : `${asCount(of.sent[e])} bytes`],
      ['body received', of.got[e] == null ? null : `${asCount(of.got[e])} bytes`],
      ['pairing', textAt(x, 'pair_confidence', e)], ['findings', of.findings[e] || null],
      ['Wireshark', detailWireshark([of.request_packet[e], of.response_packet[e]])],
    ]));
}

function detailConnection(m, c) {
  const { of } = m.conns, conns = m.conns;
  const ended = [textAt(conns, 'closed_by', c), (textAt(conns, 'close_kind', c) || '').toUpperCase()].filter(Boolean).join(' ');
  return make('div', { class: 'connection' },
    make('h3', {}, connName(m, c)),
    detailList([
      ['connection', textAt(conns, 'id', c)], ['protocol', textAt(conns, 'protocol', c)],
      ['client', connClient(m, c)], ['server', connServer(m, c)],
      ['opened', of.open_result[c] == null ? 'before the capture' : textAt(conns, 'open_result', c)],
      ['handshake', of.handshake[c] == null ? null : asTime(of.handshake[c])],
      ['open for', asTime(of.length[c])], ['exchanges drawn', m.past[c] - m.first[c]],
      ['ended by', ended || 'not ended'], ['cause', (textAt(conns, 'close_cause', c) || '').replace(/_/g, ' ')],
      ['idle before the end', of.idle[c] == null ? null : asTime(of.idle[c])],
      ['advertised timeout', of.advertised[c] == null ? null : `${of.advertised[c]} s`],
      ['blocked', of.hol[c] ? asTime(of.hol[c]) : null], ['findings', of.findings[c] || null],
      ['packets', `${of.first_packet[c]} to ${of.last_packet[c]}${of.close_packet[c] == null ? '' : `, closed in ${of.close_packet[c]}`}`],
      ['Wireshark', detailWireshark([of.first_packet[c], of.close_packet[c] ?? of.last_packet[c]])],
    ]));
}

const DETAIL_ROWS_MAX = 100;

// The exchanges of a connection as a table whose numbers select.
function detailExchanges(m, c, chosen, select) {
  const { of } = m.exchanges, body = make('tbody');
  const from = clamp((chosen < 0 ? m.first[c] : chosen) - DETAIL_ROWS_MAX / 2, m.first[c],
    Math.max(m.first[c], m.past[c] - DETAIL_ROWS_MAX));
  for (let e = from; e < Math.min(m.past[c], from + DETAIL_ROWS_MAX); e++) {
    body.append(make('tr', { 'aria-current': e === chosen ? 'true' : null },
      make('td', {}, make('button', { type: 'button', click: () => select(c, e) }, String(of.ordinal[e]))),
      make('td', {}, exchangeName(m, e)), make('td', {}, exchangeAnswer(m, e)),
      make('td', { class: 'n' }, of.wait[e] == null ? '' : asTime(of.wait[e])),
      make('td', { class: 'n' }, of.hol[e] ? asTime(of.hol[e]) : ''),
      make('td', { class: 'n' }, of.request_packet[e] == null ? '' : String(of.request_packet[e])),
      make('td', { class: 'n' }, of.response_packet[e] == null ? '' : String(of.response_packet[e]))));
  }
  const heads = ['no.', 'request', 'answer', 'wait', 'blocked', 'request packet', 'response packet'];
  const table = make('table', {}, make('caption', {}, 'Exchanges of this connection'),
    make('thead', {}, make('tr', {}, ...heads.map((name, i) =>
      make('th', { scope: 'col', class: i < 3 ? 't' : null }, name)))), body);
  return make('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Exchanges of this connection' }, table);
}

function detailShow(place, m, c, e, select) {
  place.replaceChildren(e >= 0 ? detailExchange(m, e) : '', detailConnection(m, c),
    m.past[c] > m.first[c] ? detailExchanges(m, c, e, select) : make('p', {}, 'No exchange on it.'));
}

// One sentence for who cannot see the drawing.
function detailSentence(m, c, e, line) {
  const where = `Connection ${line + 1} of ${asCount(m.lines.length)}: ${connName(m, c)}`;
  if (e < 0) return `${where}, ${m.past[c] - m.first[c]} exchanges.`;
  return `${where}. Exchange ${m.exchanges.of.ordinal[e]}: ${exchangeName(m, e)}, ${exchangeAnswer(m, e)}, waited ${asTime(m.exchanges.of.wait[e])}.`;
}
