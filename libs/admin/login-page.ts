/** A page of the login: what stands above its form, and the form. */
export interface LoginPage {
  /** What went wrong, or how long to wait; null: nothing yet. */
  note: string | null;
  csrf: string;
  /** Where to go from there. */
  next: string;
}

export function loginPage({ note, csrf, next }: LoginPage): string {
  return page(
    'Log in',
    `<form method="post" action="/login">
      ${note === null ? '' : `<p role="alert">${escaped(note)}</p>`}
      <input type="hidden" name="csrf" value="${escaped(csrf)}" />
      <input type="hidden" name="next" value="${escaped(next)}" />
      <label>User <input name="user" autocomplete="username" required autofocus /></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
      <button>Log in</button>
    </form>`,
  );
}

export function logoutPage({ name, csrf }: { name: string; csrf: string }): string {
  return page(
    'Log out',
    `<form method="post" action="/logout">
      <p>You are logged in as ${escaped(name)}.</p>
      <input type="hidden" name="csrf" value="${escaped(csrf)}" />
      <button>Log out</button>
    </form>`,
  );
}

function page(title: string, form: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} – Ringfence</title>
    <style>
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
      body { margin: 15vh auto; max-width: 20rem; padding: 0 1rem }
      label, button { display: block; margin-top: 1rem; width: 100% }
      input { box-sizing: border-box; display: block; font: inherit; padding: 0.4rem; width: 100% }
      button { font: inherit; padding: 0.5rem }
    </style>
  </head>
  <body>
    <h1>Ringfence</h1>
    ${form}
  </body>
</html>
`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
