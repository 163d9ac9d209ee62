// Rows of a run as a Markdown table, with what bounds each.
const BUSY = 0.85; // a process at this share of a core, or all cores, is the bound

const per = (value, digits = 0) => value.toLocaleString('en-US', {
  minimumFractionDigits: digits, maximumFractionDigits: digits });

function machineShare(row) {
  const used = row.server_cpu_s + (row.load_cpu_s ?? 0);
  return used / row.measured_s;
}

// The process that used most, as a share of one core.
function busiest(row) {
  const count = row.requests ?? row.jobs ?? 1;
  const shares = Object.entries(row.cpu_us_by_process ?? {})
    .map(([name, us]) => [name, (us * count) / 1e6 / row.measured_s]);
  return shares.sort((a, b) => b[1] - a[1])[0] ?? ['-', 0];
}

function bound(row, cores) {
  const [name, share] = busiest(row);
  const all = machineShare(row) + (row.foreign_cpu_pct ?? 0) / 100 * cores;
  const percent = `${name} ${Math.round(100 * share)} % of a core`;
  if (share > BUSY) return `${percent}`;
  if (all > BUSY * cores) return `all cores busy (${percent})`;
  return row.fsync === 'always' ? `waiting: fsync and wake-ups (${percent})` : `waiting (${percent})`;
}

const parts = (row) => Object.entries(row.cpu_us_by_process ?? {})
  .map(([name, us]) => `${name.replace('-1', '')} ${per(us)}`).join(', ');

const FIGURES = {
  initiate: (row) => [`${per(row.per_s)}/s`, `p50 ${row.latency_p50_ms.toFixed(1)}, p99 ${row.latency_p99_ms.toFixed(1)} ms`,
    `${per(row.cpu_us_per_request)} µs`],
  status: (row) => FIGURES.initiate(row),
  e2e: (row) => [`${per(row.per_s)} jobs/s`, `RSS ${per(row.rss_mib)}, PSS ${per(row.pss_mib)} MiB, lost ${row.lost}`,
    `${per(row.cpu_us_per_job)} µs`],
  latency: (row) => [`p50 ${row.result_p50_ms.toFixed(2)} ms`,
    `p99 ${row.result_p99_ms.toFixed(2)} ms; POST p50 ${row.post_p50_ms.toFixed(2)}`, `${per(row.cpu_us_per_job)} µs`],
  fanout: (row) => [`${row.pss_kib_per_stream.toFixed(1)} KiB a stream (${per(row.streams)})`,
    `delivery p50 ${row.delivery_p50_ms.toFixed(1)}, p99 ${row.delivery_p99_ms.toFixed(1)} ms`,
    `${row.cpu_us_per_event.toFixed(1)} µs an event`],
};

function transferRow(name, rows) {
  const best = [...rows].sort((a, b) => a.measured_s - b.measured_s)[Math.floor(rows.length / 2)];
  const by = Object.entries(best.cpu_s_by_process ?? {}).map(([part, s]) => `${part.replace('-1', '')} ${s} s`);
  return `| ${name} | - | ${per(best.mib_per_s)} MiB/s | 1 GiB in ${best.measured_s.toFixed(2)} s | `
    + `${best.server_cpu_s.toFixed(2)} s/GiB | ${by.join(', ')} | median of ${rows.length} |`;
}

export function markdown(rows) {
  const machine = rows.find((row) => row.test === 'machine');
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, load generator beside the server; one durable write ${machine.fsync_ms} ms.`,
    '',
    '| test | fsync | result | more | server CPU | by process (µs) | bound by |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const row of rows.filter((one) => one.test in FIGURES)) {
    const [figure, more, cpu] = FIGURES[row.test](row);
    lines.push(`| ${row.test} | ${row.fsync} | ${figure} | ${more} | ${cpu} | ${parts(row)} | ${bound(row, machine.cores)} |`);
  }
  for (const name of ['transfer', 'curl', 'curl+sha256']) {
    const same = rows.filter((row) => row.test === name);
    if (same.length) lines.push(transferRow(name, same));
  }
  return `${lines.join('\n')}\n`;
}
