// Columns of a table with data-sort sort by a click on their head. Without this
// script the rows keep the order of the report.
(() => {
  const figure = (s) => parseFloat(s.replace(/[≥≤+,\s×%]/g, '').replace('−', '-'));
  const first = new Map(); // the place of each row in the report, which settles ties
  const key = (row, i) => (row.cells[i] ? row.cells[i].innerText.trim() : '');
  // What is not a figure, such as "unknown", stays below the figures.
  const order = (a, b, numeric, sign) => {
    if (!numeric) return sign * a.localeCompare(b);
    const x = figure(a), y = figure(b);
    if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
    return sign * (x - y);
  };
  const sort = (table, head, i) => {
    const sign = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
    for (const th of table.tHead.rows[0].cells) th.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
    const numeric = head.classList.contains('num');
    for (const body of table.tBodies) {
      const rows = [...body.querySelectorAll(':scope > tr.row')].map((row) => {
        const bill = row.nextElementSibling;
        return { row, bill: bill && bill.classList.contains('detail') ? bill : null, key: key(row, i) };
      });
      rows.sort((a, b) => order(a.key, b.key, numeric, sign) || first.get(a.row) - first.get(b.row));
      for (const r of rows) body.append(r.row, ...(r.bill ? [r.bill] : []));
    }
  };
  for (const table of document.querySelectorAll('table[data-sort]')) {
    table.querySelectorAll('tr.row').forEach((row, i) => first.set(row, i));
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      if (!head.textContent || head.classList.contains('bar')) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => sort(table, head, i));
    });
  }
})();
