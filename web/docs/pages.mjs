// The two pages, as text.

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escape = (text) => String(text).replace(/[&<>"]/g, (mark) => ESCAPES[mark]);

const page = (title, styles, scripts, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
${scripts.map((src) => `<script src="${src}" defer></script>`).join('\n')}
</head>
<body>
${body}
</body>
</html>
`;

export function indexPage(api, styles, scripts) {
  return page(`${api.info.title} API`, styles, scripts, `<div id="reference"></div>
<noscript>This page needs a script of this server. The document itself: <a href="/openapi.json">/openapi.json</a></noscript>`);
}

export function errorsPage(api, styles) {
  const { schemas } = api.components;
  const problems = Object.entries(schemas.ProblemCode['x-problems']).map(([code, { status, title, detail }]) => (
    `<tr id="${code}"><th scope="row"><code>${code}</code></th><td>${status}</td><td>${escape(title)}. ${escape(detail)}</td></tr>`));
  const failures = Object.entries(schemas.JobErrorCode['x-job-errors']).map(([code, { retryable, message }]) => (
    `<tr id="job-${code}"><th scope="row"><code>${code}</code></th><td>${retryable ? 'yes' : 'no'}</td><td>${escape(message)}</td></tr>`));
  return page(`${api.info.title} errors`, styles, [], `<main class="errors">
<h1>Errors</h1>
<p><a href="/docs">The reference</a></p>
<h2>Problems of a request</h2>
<table>
<thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead>
<tbody>
${problems.join('\n')}
</tbody>
</table>
<h2>Why a job failed</h2>
<table>
<thead><tr><th scope="col">error.code</th><th scope="col">retryable</th><th scope="col">meaning</th></tr></thead>
<tbody>
${failures.join('\n')}
</tbody>
</table>
</main>`);
}
