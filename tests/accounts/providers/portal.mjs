// A school's portal: panva's oidc-provider, with its own sign-in and consent pages.
// node portal.mjs '{"port": 1, "client": {…}, "people": {"login": {"name": …}}}'
import Provider from "oidc-provider";

const { port, client, people } = JSON.parse(process.argv[2]);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  claims: {
    openid: ["sub"],
    profile: ["name"],
    email: ["email", "email_verified"],
    ent: ["ent_id", "ent_profil", "ent_uai"],
  },
  scopes: ["openid", "profile", "email", "ent"],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true }, backchannelLogout: { enabled: true } },
  fetch: (url, { dispatcher: _guard, ...options }) => fetch(url, options), // its guard refuses this very machine
  cookies: { keys: ["only for tests"] },
  findAccount: (_context, login) =>
    people[login] && { accountId: login, claims: async () => ({ sub: `ent-${login}`, ...people[login] }) },
});

provider.listen(port, "127.0.0.1");
