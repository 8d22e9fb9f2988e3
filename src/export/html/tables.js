// Tables that sort by a click on a column's name. Numbers by value, empty cells last.

function tableSort(table, column, header) {
  const goesDown = header.getAttribute('aria-sort') === 'ascending';
  for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
  header.setAttribute('aria-sort', goesDown ? 'descending' : 'ascending');
  const rows = [...table.tBodies[0].rows].map(row => ({ row, text: row.cells[column].textContent }));
  const areNumbers = rows.every(({ text }) => text === '' || Number.isFinite(Number(text)));
  rows.sort((a, b) => {
    if (a.text === '' || b.text === '') return (a.text === '') - (b.text === '');
    const order = areNumbers ? Number(a.text) - Number(b.text) : a.text.localeCompare(b.text);
    return goesDown ? -order : order;
  });
  table.tBodies[0].append(...rows.map(({ row }) => row));
}

function tablePrepare(table) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = make('button', { type: 'button', click: () => tableSort(table, column, header) },
      ...header.childNodes);
    header.replaceChildren(button);
  });
}
