// A real OpenID provider (`oidc-provider`) with people that a test makes up. It asks nobody for a password: one
// chooses who one is. Its parent tells it what it is, and who there is, by messages.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

let people = {};
const text = (words) => words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page of the provider's, plain and without anything from elsewhere. */
const page = (title, body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>` +
  `<body><main><h1>${title}</h1>${body}</main></body></html>`;

/** Chooses who one is, or goes back without. */
const choice = (uid) =>
  page(
    'Who are you?',
    `<form method="post" action="/choose/${uid}">` +
      Object.keys(people).map((sub) => `<p><button name="sub" value="${text(sub)}">${text(sub)}</button></p>`).join('') +
      '<p><button name="sub" value="">Cancel</button></p></form>',
  );

async function serve({ port, client, redirects, leaves, backchannel }) {
  const issuer = `http://localhost:${port}`;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: redirects,
        post_logout_redirect_uris: leaves,
        ...(backchannel && { backchannel_logout_uri: backchannel, backchannel_logout_session_required: true }),
      },
    ],
    jwks: { keys: [{ ...key, kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    // What was asked for by a scope stands in the ID token, as most providers have it.
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = page('Sign out here, too?', `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out here, too</button>`);
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = page('Signed out', '');
        },
      },
    },
    interactions: { url: (ctx, interaction) => `/choose/${interaction.uid}` },
    findAccount: (ctx, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    // Everybody has agreed to everything.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    renderError: (ctx, out) => {
      ctx.body = page('Something is wrong', `<p>${text(out.error)}: ${text(out.error_description ?? '')}</p>`);
    },
  });
  const answer = provider.callback();
  const server = createServer(async (request, response) => {
    const uid = /^\/choose\/([\w-]+)$/.exec(request.url)?.[1];
    if (!uid) return answer(request, response);
    if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(choice(uid));
    let body = '';
    for await (const chunk of request) body += chunk;
    const sub = new URLSearchParams(body).get('sub');
    const result = sub ? { login: { accountId: sub } } : { error: 'access_denied', error_description: 'They would rather not.' };
    await provider.interactionFinished(request, response, result).catch((error) => response.writeHead(400).end(page('Gone', text(error.message))));
  });
  await new Promise((listening) => server.listen(port, 'localhost', listening));
  return issuer;
}

process.on('message', async (message) => {
  if (message.people) people = message.people;
  const issuer = message.port ? await serve(message) : undefined;
  process.send({ issuer });
});
// Without its parent it has nobody to be there for.
process.on('disconnect', () => process.exit());
