// What .ci/browser checks; its arguments are the browser, a folder with the
// keynest program and pages/*.html, the address of keynest serve, and a day.
const { chromium } = require('playwright-core');
const axe = require('axe-core').source;
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const [executablePath, work, address, day] = process.argv.slice(2);
const shots = process.env.SHOTS;
let passed = 0;
const failures = [];

function check(ok, what) {
  if (ok) {
    passed++;
  } else {
    failures.push(what);
    console.error('FAIL ' + what);
  }
}

// watched opens a page that may ask for nothing but what starts with `from`,
// and must log no error.
async function watched(browser, from, options, what) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('request', (r) => {
    if (!r.url().startsWith(from)) check(false, `${what}: asks for ${r.url()}`);
  });
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') check(false, `${what}: console: ${m.text()}`);
  });
  page.on('pageerror', (e) => check(false, `${what}: ${e}`));
  return page;
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  for (const v of result.violations) {
    check(false, `${what}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(' ')}`);
  }
  check(result.passes.length > 10, `${what}: axe-core looked at ${result.passes.length} rules only`);
}

const looks = [
  { name: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 800 }, colorScheme: 'light' },
  { name: 'phone-dark', viewport: { width: 390, height: 800 }, colorScheme: 'dark' },
];

async function reports(browser) {
  const folder = path.join(work, 'pages');
  for (const file of fs.readdirSync(folder).sort()) {
    for (const look of ['estimate.html', 'breakeven.html', 'check.html', 'diff.html'].includes(file) ? looks : looks.slice(2, 3)) {
      const what = `${file}, ${look.name}`;
      const page = await watched(browser, 'file://', { offline: true, ...look }, what);
      await page.goto('file://' + path.join(folder, file));
      check((await page.locator('table').count()) > 0, `${what}: no table`);
      if (shots) await page.screenshot({ path: path.join(shots, `${path.basename(file, '.html')}-${look.name}.png`), fullPage: true });
      await accessible(page, what);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `${what}: ${wide} pixels too wide`);
      if (look.viewport.width > 1000) await oneLine(page, what);
      if (file === 'estimate.html') await bills(page, what);
      if (file === 'estimate.html' && look.name === 'light') await sorting(page, what);
      await page.context().close();
    }
  }
}

// bills: each unfolds below its row by the keyboard, and all print.
async function bills(page, what) {
  const fold = page.locator('tr.row details').first();
  const bill = page.locator('tr.detail').first();
  check(!(await bill.isVisible()), `${what}: a bill is unfolded from the start`);
  await fold.locator('summary').focus();
  await page.keyboard.press('Enter');
  check(await bill.isVisible(), `${what}: a bill does not unfold by the keyboard`);
  check((await bill.locator('table a[href^="https://"]').count()) > 0, `${what}: a bill has no link to a source`);
  check(/read \d{4}-\d\d-\d\d/.test(await bill.innerText()), `${what}: a bill has no date`);
  await accessible(page, what + ', unfolded');
  check((await page.locator('.answer .fig').first().innerText()).startsWith('240.61'), `${what}: the page does not begin with the answer`);
  await page.emulateMedia({ media: 'print' });
  check(await page.locator('tr.detail').last().isVisible(), `${what}: folded bills do not print`);
}

// oneLine: on a wide page no row of a table of offers has a second line, and none is
// wider than the page.
async function oneLine(page, what) {
  const tall = await page.locator('table[data-sort] tr.row').evaluateAll((rows) => rows.filter((r) => r.innerText && r.offsetHeight > 45).map((r) => r.innerText));
  check(tall.length === 0, `${what}: rows of two lines: ${tall.slice(0, 3).join(' | ')}`);
  const wide = await page.locator('.scroll').evaluateAll((parts) => parts.filter((p) => p.scrollWidth > p.clientWidth + 1).map((p) => p.getAttribute('aria-label')));
  check(wide.length === 0, `${what}: scrolls sideways: ${wide}`);
}

// sorting: a click on a head orders the rows of each group by that column, bills
// below their rows, and a second click turns the order round.
async function sorting(page, what) {
  await page.emulateMedia({ media: 'screen' });
  const names = () => page.locator('table[data-sort]').first().locator('> tbody').first().locator('> tr.row > th').allInnerTexts();
  const before = await names();
  const head = page.locator('table[data-sort]').first().getByRole('button', { name: 'Offer' });
  await head.click();
  check(JSON.stringify(await names()) === JSON.stringify([...before].sort((a, b) => a.localeCompare(b))), `${what}: not sorted by name: ${await names()}`);
  check((await page.locator('th[aria-sort=ascending]').innerText()).startsWith('Offer'), `${what}: the head does not say that it sorts`);
  await head.click();
  check(JSON.stringify(await names()) === JSON.stringify([...before].sort((a, b) => b.localeCompare(a))), `${what}: not sorted the other way round`);
  await page.getByRole('button', { name: '/month' }).first().click();
  check(JSON.stringify(await names()) === JSON.stringify(before), `${what}: the price order does not come back: ${await names()}`);
  check(await page.locator('tr.detail').evaluateAll((all) => all.every((d) => d.previousElementSibling.classList.contains('row'))), `${what}: a bill is not below its row`);
  await accessible(page, what + ', sorted');
}

const workloads = [
  { 'ops-per-sec': '5000', gib: '8' },
  { 'ops-per-sec': '46', gib: '8' },
  { 'ops-per-sec': '45', gib: '8' },
  { 'ops-per-sec': '0.5', gib: '0.1' },
  { 'ops-per-sec': '0', gib: '0' },
  { 'ops-per-sec': '120000', 'peak-ops-per-sec': '400000', gib: '300' },
  { 'ops-per-sec': '900', gib: '2', 'payload-bytes': '4096' },
  { 'ops-per-sec': '900', gib: '2', 'read-share': '0.5' },
  { 'ops-per-sec': '900', gib: '2', replicas: '0' },
  { 'ops-per-sec': '900', gib: '2', replicas: '2', region: 'eu-west' },
  { 'ops-per-sec': '900', gib: '20', term: '1y' },
  { 'ops-per-sec': '900', gib: '20', term: '3y', upfront: 'all' },
  { 'commands-per-month': '90000000', gb: '3.5' },
  { 'reads-per-month': '5000000', 'writes-per-month': '1000000', gib: '1' },
  { 'ops-per-sec': '300', gib: '1', 'read-regions': '1' },
  { 'ops-per-sec': '300', gib: '1', databases: '3' },
  { 'ops-per-sec': '300', gib: '1', offer: 'upstash-*, elasticache-*' },
  { 'ops-per-sec': '300', gib: '1', engine: 'valkey', 'hours-per-month': '744' },
  { preset: 'cache', 'ops-per-sec': '2500', gib: '5' },
  { 'ops-per-sec': '7000', gib: '64', all: 'true', provider: 'AWS' },
];

function command(workload) {
  const args = ['estimate', '--as-of', day, '--output', 'json'];
  for (const [flag, value] of Object.entries(workload)) {
    for (const v of ['offer', 'provider', 'engine'].includes(flag) ? value.split(',') : [value]) args.push(`--${flag}=${v.trim()}`);
  }
  return JSON.parse(execFileSync(path.join(work, 'keynest'), args, { encoding: 'utf8' }));
}

const grouped = (usd) => usd.replace(/\B(?=(\d{3})+(?!\d))/g, ',').replace(/(\.\d*),/g, '$1');

// prices are the ids of the bills in the page's table, with what stands beside.
async function prices(page) {
  return page.locator('tr.row:has(details[id^="row-"])').evaluateAll((rows) =>
    rows.map((r) => [r.querySelector('details').id.replace('row-bill-', ''), r.querySelector('td.usd').textContent]));
}

function wanted(report) {
  return report.offers.filter((o) => ['priced', 'incomplete', 'at_most'].includes(o.status)).map((o) => {
    if (o.status === 'at_most') return [o.id, '≤ ' + grouped(o.usd_at_most)];
    if (o.status === 'incomplete') return [o.id, o.usd_at_least === '0.00' ? 'unknown' : '≥ ' + grouped(o.usd_at_least)];
    return [o.id, grouped(o.usd_per_month)];
  });
}

const sorted = (list) => JSON.stringify([...list].sort());

async function calculator(browser) {
  const page = await watched(browser, address, { javaScriptEnabled: false, ...looks[0] }, 'serve');
  for (const workload of workloads) {
    const what = `serve ${JSON.stringify(workload)}`;
    await page.goto(address);
    await page.locator('form summary').click();
    for (const [name, value] of Object.entries({ ...workload, 'as-of': day })) {
      const input = page.locator(`[id="${name}"]`);
      const kind = await input.evaluate((e) => e.tagName + ' ' + e.type);
      if (kind.startsWith('SELECT')) await input.selectOption(value);
      else if (kind === 'INPUT checkbox') await input.check();
      else await input.fill(value);
    }
    await Promise.all([page.waitForURL(/#result$/), page.getByRole('button', { name: 'Price it' }).click()]);
    const got = await prices(page);
    const want = wanted(command(workload));
    check(want.length > 0 && sorted(got) === sorted(want), `${what}: the page says ${sorted(got)}, the command ${sorted(want)}`);
    check(!/=(&|$)/.test(page.url()), `${what}: empty inputs in ${page.url()}`);
    await page.goto(new URL(await page.getByRole('link', { name: 'Permanent link' }).getAttribute('href'), address).href);
    check(sorted(await prices(page)) === sorted(want), `${what}: the permanent link says something else`);
  }
  await page.context().close();
  for (const look of looks) {
    for (const [name, query] of [['empty', ''], ['priced', '?ops-per-sec=5000&gib=8&as-of=' + day], ['refused', '?ops-per-sec=-1&gib=8']]) {
      const what = `serve, ${name}, ${look.name}`;
      const context = await browser.newContext(look);
      const p = await context.newPage();
      p.on('request', (r) => { if (!r.url().startsWith(address)) check(false, `${what}: asks for ${r.url()}`); });
      p.on('console', (m) => { if (m.type() === 'error' && name !== 'refused') check(false, `${what}: console: ${m.text()}`); });
      await p.goto(address + query);
      if (look.viewport.width > 1000) await oneLine(p, what);
      if (shots) await p.screenshot({ path: path.join(shots, `serve-${name}-${look.name}.png`), fullPage: true });
      if (name === 'refused') check(await p.locator('[id="ops-per-sec"]').evaluate((e) => e === document.activeElement), `${what}: the field has no focus`);
      await p.locator('form summary').click();
      await accessible(p, what);
      if (name === 'refused') {
        check((await p.getByRole('alert').innerText()).includes('negative'), `${what}: no word of what is wrong`);
        const field = p.locator('[id="ops-per-sec"]');
        check((await field.getAttribute('aria-invalid')) === 'true', `${what}: the field is not marked`);
        check((await p.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).innerText()).includes('negative'), `${what}: the field does not say what is wrong`);
      }
      if (name === 'priced') check((await p.locator('.answer .fig').first().innerText()).startsWith('240.61'), `${what}: no answer on top`);
      await context.close();
    }
  }
}

(async () => {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    await reports(browser);
    await calculator(browser);
  } finally {
    await browser.close();
  }
  console.log(`browser: ${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
})().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});
