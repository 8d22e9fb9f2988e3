// Elements, data and numbers for the files behind this one: all share one scope, strict
// and closed. Texts of the account become text nodes, never markup.

const byId = id => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}

function shape(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// Three digits that count, in the unit that fits.
function asTime(us) {
  if (us == null) return '–';
  const size = Math.abs(us);
  const digits = value => Number(value.toPrecision(3)).toString();
  if (size < 1000) return `${digits(us)} µs`;
  if (size < 1e6) return `${digits(us / 1e3)} ms`;
  if (size < 120e6) return `${digits(us / 1e6)} s`;
  if (size < 7200e6) return `${digits(us / 60e6)} min`;
  return `${digits(us / 3600e6)} h`;
}

const asCount = value => (value == null ? '–' : Number(value).toLocaleString('en'));

function asShort(value) {
  if (value < 10000) return asCount(Math.round(value * 100) / 100);
  return value < 1e6 ? `${Math.round(value / 100) / 10}k` : `${Math.round(value / 1e5) / 10}M`;
}

// A round step that divides `span` into `count` parts or fewer.
function niceStep(span, count) {
  const least = Math.max(span, 1e-9) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= least * 0.999);
}

// A data element: {rows, is_cut, columns}; words are put back in their places on demand.
function readData(name) {
  const data = JSON.parse(byId(`data-${name}`).textContent || 'null');
  if (!data) return { rows: 0, is_cut: false, of: {}, words: {} };
  const result = { rows: data.rows, is_cut: data.is_cut, of: {}, words: {} };
  for (const [key, column] of Object.entries(data.columns)) {
    result.of[key] = Array.isArray(column) ? column : column.of;
    result.words[key] = Array.isArray(column) ? null : column.words;
  }
  return result;
}

function textAt(data, name, row) {
  const value = data.of[name][row];
  return value == null || !data.words[name] ? value : data.words[name][value];
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = name => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(['ink', 'soft', 'faint', 'line', 'card', 'page', 'accent', 'ask',
    'wait', 'hol', 'ok', 'moved', 'client', 'server', 'pick'].map(name => [name, get(name)]));
}

const redraws = [];
function redrawAll() {
  for (const redraw of redraws) redraw();
}
