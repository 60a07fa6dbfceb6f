import { byId, say } from './elements.mjs';

/** Asks the server for a change. Throws with its words where it does not make it. */
export async function change(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-xsrf-token': csrfToken() },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The server did not answer. Whether it was changed is not known: look again.');
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.message ?? `The server answered ${answer.status}.`);
  return told;
}

/** What only a page of this very server can read, and goes with the session. */
function csrfToken() {
  return /(?:^|; )XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

/**
 * Asks a person in a dialog, and does what they confirm. While it is being done the dialog stays, and a failure is shown in it.
 * @param act what to do; what it answers with is said to the person
 */
export function confirmIn(dialog, act) {
  const form = dialog.querySelector('form');
  const fault = dialog.querySelector('.fault');
  const buttons = [...dialog.querySelectorAll('button')];
  say(fault, '');
  form.onsubmit = async (event) => {
    event.preventDefault();
    say(fault, '');
    for (const button of buttons) button.disabled = true;
    try {
      say(byId('said'), await act());
      dialog.close();
    } catch (error) {
      say(fault, error.message);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };
  dialog.querySelector('button[value="cancel"]').onclick = () => dialog.close();
  say(byId('said'), '');
  dialog.showModal();
}
