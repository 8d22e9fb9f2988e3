// Charts, drawn over the tables that C wrote: a table names its chart in data-chart, such
// as "columns label=slot series=wait,unblocked". Series differ by pattern, too.

const CHART_PATTERNS = ['', 'M0 6L6 0', 'M0 3H6', 'M3 0V6'];

function chartPatterns() {
  const patterns = CHART_PATTERNS.map((path, i) => shape('pattern', {
    id: `pattern-${i}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse',
  }, shape('rect', { width: 6, height: 6, class: `s${i}` }),
  shape('path', { d: path, class: 'hatch' })));
  document.body.append(shape('svg', { width: 0, height: 0, class: 'defs', 'aria-hidden': true },
    shape('defs', {}, ...patterns)));
}

function chartRead(table) {
  const [kind, ...words] = table.dataset.chart.split(' ');
  const spec = Object.fromEntries(words.map(word => word.split('=')));
  const names = [...table.tHead.rows[0].cells].map(cell => cell.dataset.name);
  const rows = [...table.tBodies[0].rows].map(row =>
    Object.fromEntries([...row.cells].map((cell, i) => [names[i], cell.textContent])));
  return { kind, spec, rows, series: (spec.series || '').split(','), title: table.caption.textContent };
}

function chartFrame(chart, width, height) {
  return shape('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': `${chart.title}. The numbers are in the table below.` });
}

const chartText = (x, y, text, attributes = {}) => shape('text', { x, y, ...attributes }, text);

function chartRect(series, x, y, width, height, says) {
  return shape('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height),
    fill: `url(#pattern-${series})` }, shape('title', {}, says));
}

function chartLegend(chart) {
  return make('ul', { class: 'legend', 'aria-hidden': 'true' }, ...chart.series.map((name, i) => {
    const swatch = shape('svg', { width: 16, height: 12 });
    swatch.append(shape('rect', { width: 16, height: 12, fill: `url(#pattern-${i})` }));
    return make('li', {}, swatch, ` ${name}`);
  }));
}

// Horizontal lines with their values; returns the y of a value.
function chartGrid(svg, most, left, right, top, bottom) {
  const step = niceStep(most, 4);
  const end = Math.max(step, Math.ceil(most / step - 1e-9) * step);
  const y = value => bottom - (bottom - top) * value / end;
  for (let value = 0; value <= end * 1.0001; value += step) {
    svg.append(shape('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'grid' }),
      chartText(left - 6, y(value) + 4, asShort(value), { 'text-anchor': 'end' }));
  }
  return y;
}

// Groups of columns, one for each row.
function chartColumns(chart, width) {
  const height = 230, left = 48, top = 18, bottom = height - 26;
  const svg = chartFrame(chart, width, height);
  const value = (row, name) => Number(row[name]) || 0;
  const most = Math.max(1, ...chart.rows.flatMap(row => chart.series.map(name => value(row, name))));
  const y = chartGrid(svg, most, left, width, top, bottom);
  const slot = Math.min(90, (width - left) / chart.rows.length), bar = slot * 0.84 / chart.series.length;
  const every = Math.ceil(46 / slot);
  chart.rows.forEach((row, i) => {
    const x = left + i * slot + slot * 0.08;
    chart.series.forEach((name, s) => {
      const many = value(row, name), tall = many > 0 ? Math.max(2, bottom - y(many)) : 0;
      svg.append(chartRect(s, x + s * bar, bottom - tall, bar - 1, tall,
        `${row[chart.spec.label]}: ${asCount(many)} ${name}`));
      if (many > 0 && asShort(many).length * 7.2 < bar) svg.append(chartText(x + (s + 0.5) * bar,
        bottom - tall - 4, asShort(many), { 'text-anchor': 'middle', class: 'soft' }));
    });
    if (i % every === 0) svg.append(chartText(x + slot * 0.42, height - 8, row[chart.spec.label],
      { 'text-anchor': 'middle' }));
  });
  return svg;
}

// A bar for each row, its series one behind the other.
function chartBars(chart, width) {
  const left = Math.min(130, width * 0.34), line = 26, height = chart.rows.length * line + 6;
  const svg = chartFrame(chart, width, height);
  const sums = chart.rows.map(row => chart.series.reduce((sum, name) => sum + (Number(row[name]) || 0), 0));
  const scale = (width - left - 64) / Math.max(1, ...sums);
  chart.rows.forEach((row, i) => {
    let x = left;
    svg.append(chartText(left - 8, i * line + 18, row[chart.spec.label], { 'text-anchor': 'end' }));
    chart.series.forEach((name, s) => {
      const many = Number(row[name]) || 0, wide = many > 0 ? Math.max(2, many * scale) : 0;
      svg.append(chartRect(s, x, i * line + 4, wide, line - 8, `${row[chart.spec.label]}: ${asCount(many)} ${name}`));
      x += wide;
    });
    svg.append(chartText(x + 6, i * line + 18, asCount(sums[i]), { class: 'soft' }));
  });
  return svg;
}

function chartStepPath(points, x, y) {
  return points.map(([at, value], i) => (i ? `H${x(at).toFixed(1)}V${y(value).toFixed(1)}`
    : `M${x(at).toFixed(1)} ${y(value).toFixed(1)}`)).join('');
}

// Levels over time: the first series filled, the others as lines.
function chartSteps(chart, width, group) {
  const height = 220, left = 48, top = 12, bottom = height - 26;
  const rows = chart.rows.filter(row => !group || row[chart.spec.group] === group);
  const svg = chartFrame(chart, width, height);
  const label = chart.spec.label, last = Number(rows[rows.length - 1][label]) || 1;
  const span = last * rows.length / Math.max(1, rows.length - 1);
  const most = Math.max(1, ...rows.flatMap(row => chart.series.map(name => Number(row[name]) || 0)));
  const x = at => left + (width - left - 12) * at / span;
  const y = chartGrid(svg, most, left, width, top, bottom);
  chart.series.forEach((name, s) => {
    const points = rows.map(row => [Number(row[label]), Number(row[name]) || 0]);
    const path = `${chartStepPath(points, x, y)}H${x(span).toFixed(1)}`;
    if (s === 0) svg.append(shape('path', { d: `${path}V${bottom}H${left}Z`, class: 'area' }));
    svg.append(shape('path', { d: path, class: `stroke s${s}` }));
  });
  const step = niceStep(span, width / 110);
  for (let at = 0; at <= span; at += step) svg.append(chartText(x(at), height - 8,
    asTime(at * 1000), { 'text-anchor': at === 0 ? 'start' : 'middle' }));
  return svg;
}

// From, middle and to of each row, on a logarithmic axis; rows of one server together.
function chartRanges(chart, width) {
  const [home, kind] = chart.spec.label.split(',');
  const number = (row, name) => Math.max(0.001, Number(row[chart.spec[name]]) || 0);
  const low = Math.floor(Math.log10(Math.min(...chart.rows.map(row => number(row, 'from')))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...chart.rows.map(row => number(row, 'to'))))));
  const left = Math.min(140, width * 0.36), line = 20;
  const homes = new Set(chart.rows.map(row => row[home])).size;
  const height = chart.rows.length * line + homes * 24 + 28;
  const svg = chartFrame(chart, width, height);
  const x = ms => left + (width - left - 24) * (Math.log10(ms) - low) / (high - low);
  for (let power = low; power <= high; power++) {
    svg.append(shape('line', { x1: x(10 ** power), x2: x(10 ** power), y1: 0, y2: height - 22, class: 'grid' }));
    if ((power - low) % Math.ceil((high - low) * 60 / (width - left)) === 0) {
      svg.append(chartText(x(10 ** power), height - 8, asTime(10 ** power * 1000), { 'text-anchor': 'middle' }));
    }
  }
  let y = 0, shown = null;
  for (const row of chart.rows) {
    if (row[home] !== shown) {
      shown = row[home];
      svg.append(chartText(0, y + 18, shown, { class: 'strong' }));
      y += 24;
    }
    const from = x(number(row, 'from')), to = x(number(row, 'to')), middle = x(number(row, 'middle'));
    const series = { 'used again': 0, 'closed by server': 1, 'closed by client': 2 }[row[kind]] ?? 3;
    const says = `${row[kind]}, ${row.gaps}: ${asTime(row.from_ms * 1000)} to ${asTime(row.to_ms * 1000)}, median ${asTime(row.median_ms * 1000)}`;
    svg.append(chartText(left - 8, y + 14, row[kind], { 'text-anchor': 'end' }));
    if (series === 3) {
      svg.append(shape('path', { d: `M${middle} ${y + 2}l7 8l-7 8l-7 -8Z`, class: 'mark' }, shape('title', {}, says)));
    } else {
      svg.append(chartRect(series, from, y + 5, Math.max(3, to - from), 10, says),
        shape('line', { x1: middle, x2: middle, y1: y + 1, y2: y + 19, class: 'tick' }));
    }
    y += line;
  }
  return svg;
}

const CHART_KINDS = { columns: chartColumns, bars: chartBars, steps: chartSteps, ranges: chartRanges };

function chartPut(table) {
  const chart = chartRead(table);
  if (!chart.rows.length || !CHART_KINDS[chart.kind]) return;
  const place = make('div', { class: 'chart' });
  const groups = chart.spec.group ? [...new Set(chart.rows.map(row => row[chart.spec.group]))] : [];
  let group = groups[0];
  const draw = () => place.replaceChildren(
    CHART_KINDS[chart.kind](chart, Math.max(280, Math.min(place.clientWidth || 700, 1100)), group));
  const figure = table.closest('figure');
  const parts = [chart.spec.series ? chartLegend(chart) : null, place];
  if (groups.length > 1) {
    parts.unshift(make('label', { class: 'pick' }, 'Capture ', make('select', {
      change: event => { group = event.target.value; draw(); },
    }, ...groups.map(name => make('option', { value: name }, name)))));
  }
  figure.querySelector('figcaption').after(...parts.filter(Boolean));
  draw();
  redraws.push(draw);
}
