// The control of the simulator over HTTP.

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export async function state(since) {
  const answer = await fetch(`/sim/state?since=${since}`);
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  return answer.json();
}

export const send = (person, text, replyTo) => post("/sim/send", { person, text, reply_to: replyTo });
export const press = (person, messageId, data) => post("/sim/press", { person, message_id: messageId, data });
export const block = (person, blocked) => post("/sim/block", { person, blocked });
export const advance = (seconds) => post("/sim/clock", { advance_seconds: seconds });

export async function upload(person, files, caption, replyTo) {
  const form = new FormData();
  form.append("person", person);
  if (caption) form.append("caption", caption);
  if (replyTo) form.append("reply_to", replyTo);
  for (const file of files) form.append("files", file);
  const answer = await fetch("/sim/upload", { method: "POST", body: form });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
}
