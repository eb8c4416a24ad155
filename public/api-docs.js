// Sends what is filled in on the page of the API, as whoever is chosen there, and shows the answer.
const PREFIX = document.documentElement.dataset.prefix ?? '';
const SESSION = `doorward.session${PREFIX}`;
const LONGEST = 200_000;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

function entry() {
  for (const store of [() => localStorage, () => sessionStorage]) {
    try {
      const text = store().getItem(SESSION);
      if (text) return { store: store(), ...JSON.parse(text) };
    } catch { /* storage is blocked: there is no token here */ }
  }
  return null;
}

// The session's cookie gets the next token; one tab at a time, by the dashboard's own lock.
async function renewed() {
  const answer = await fetch(`${PREFIX}/_call/refresh_session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"refresh":{}}',
  });
  if (!answer.ok) return null;
  const { token, expiresIn } = await answer.json();
  const now = Date.now(), life = expiresIn * 1000;
  const kept = { token, expiresAt: now + life, renewAt: now + life - Math.min(120_000, life / 4) };
  try { (entry()?.store ?? sessionStorage).setItem(SESSION, JSON.stringify(kept)); } catch { /* it is good for this request */ }
  return token;
}

let hasNone = false;

async function token(used) {
  const fresh = () => {
    const known = entry();
    return known && known.token !== used && known.expiresAt > Date.now() ? known.token : null;
  };
  const next = async () => fresh() ?? renewed();
  const found = fresh();
  if (found || hasNone) return found;
  // Without a secure context there are no locks.
  const got = await (navigator.locks ? navigator.locks.request(SESSION, next) : next());
  // While sign-in is off there is no session: asking for its token once is enough.
  hasNone = got === null;
  return got;
}

const sender = () => $('#sender').elements.as.value;

function asked(form) {
  const headers = {}, query = new URLSearchParams();
  let path = PREFIX + form.dataset.path, body;
  for (const field of $$('[data-in]', form)) {
    const value = field.value.trim(), name = field.dataset.name;
    if (field.dataset.in === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (!value) continue;
    else if (field.dataset.in === 'query') query.set(name, value);
    else if (field.dataset.in === 'header') headers[name] = value;
    else { headers['Content-Type'] = 'application/json'; body = field.value; }
  }
  const scope = $('#scope').value.trim();
  if (scope) headers['X-Doorward-Environment'] = scope;
  const text = query.toString();
  return { method: form.dataset.method, url: text ? `${path}?${text}` : path, headers, body };
}

async function send({ method, url, headers, body }) {
  const once = (more) => fetch(url, { method, headers: { ...headers, ...more }, body, credentials: sender() === 'session' ? 'same-origin' : 'omit' });
  if (sender() === 'nobody') return once({});
  if (sender() === 'key') return once({ 'X-API-Key': $('#key').value.trim() });
  const own = await token();
  const answer = await once(own ? { Authorization: `Bearer ${own}` } : {});
  if (answer.status !== 401 || !own) return answer;
  const next = await token(own);
  return next ? once({ Authorization: `Bearer ${next}` }) : answer;
}

function made(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

async function shown(answer, millis) {
  let text = await answer.text();
  if (/json$|json;/.test(answer.headers.get('content-type') ?? '')) {
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* several values: shown as they came */ }
  }
  const rest = text.length > LONGEST;
  const tone = answer.ok ? 'success' : answer.status < 500 ? 'warning' : 'danger';
  const head = made('div', { class: 'code__head' },
    made('span', { class: 'badge', 'data-tone': tone }, `${answer.status} ${answer.statusText}`.trim()),
    made('span', {}, `${millis} ms · request ${answer.headers.get('x-request-id') ?? '–'}`));
  const words = text ? (rest ? `${text.slice(0, LONGEST)}\n…` : text) : 'No body.';
  return made('div', { class: 'code', 'data-wrap': '' }, head, made('pre', { tabindex: '0', 'aria-label': 'Answer' }, made('code', {}, words)));
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl({ method, url, headers, body }) {
  const all = { ...headers };
  // A secret has no business in a clipboard's history.
  if (sender() === 'key') all['X-API-Key'] = '$KEY';
  if (sender() === 'session') all.Authorization = 'Bearer $TOKEN';
  const lines = Object.entries(all).map(([name, value]) => `-H ${value.includes('$') ? `"${name}: ${value}"` : quoted(`${name}: ${value}`)}`);
  return [`curl -X ${method} ${quoted(location.origin + url)}`, ...lines, ...(body ? [`-d ${quoted(body)}`] : [])].join(' \\\n  ');
}

for (const form of $$('form[data-try]')) {
  const answer = $('[data-answer]', form), told = $('[data-told]', form), button = $('[type=submit]', form), copy = $('[data-curl]', form);
  $('[data-send]', form).hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const empty = $$('[data-in=path]', form).find((field) => !field.value.trim());
    if (empty) return empty.focus();
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    told.textContent = '';
    const begun = performance.now();
    try {
      const got = await send(asked(form));
      answer.replaceChildren(await shown(got, Math.round(performance.now() - begun)));
      told.textContent = `Answered with ${got.status}`;
    } catch {
      answer.replaceChildren(made('p', { class: 'error', role: 'alert' }, 'Doorward does not answer. Try again in a moment.'));
    }
    button.removeAttribute('aria-busy');
  });
  copy.addEventListener('click', async () => {
    let words = 'Copied';
    try { await navigator.clipboard.writeText(curl(asked(form))); } catch { words = 'The browser does not let me'; }
    copy.textContent = words;
    setTimeout(() => { copy.textContent = 'Copy as curl'; }, 2000);
  });
}

const top = $('#sender');
top.hidden = false;
top.addEventListener('submit', (event) => event.preventDefault());
top.addEventListener('change', () => { $('#key-field').hidden = sender() !== 'key'; });

$('#find').addEventListener('input', (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const group of $$('[data-group]')) {
    let own = 0;
    for (const one of $$('.op', group)) {
      const text = one.dataset.words.toLowerCase();
      one.hidden = !words.every((word) => text.includes(word));
      own += one.hidden ? 0 : 1;
    }
    group.hidden = own === 0;
    count += own;
  }
  $('#found').textContent = words.length ? `${count} operations` : '';
});

function arrive() {
  const meant = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (meant?.matches('details')) {
    meant.open = true;
    meant.scrollIntoView();
  }
}
addEventListener('hashchange', arrive);
arrive();
// The page answers from now on; the tests wait for this mark.
document.documentElement.dataset.hydrated = '';
