// The control of the simulator over HTTP.

async function answered(path, options) {
  const answer = await fetch(path, options);
  if (answer.ok) return answer.json();
  const said = await answer.text();
  let reason = said;
  try { reason = JSON.parse(said).error; } catch { /* a refusal in plain words */ }
  throw new Error(reason || `${path}: ${answer.status}`);
}

const post = (path, body) => answered(path, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const state = (since) => answered(`/sim/state?since=${since}`);
export const send = (person, text, replyTo) => post("/sim/send", { person, text, reply_to: replyTo });
export const voice = (person, replyTo) => post("/sim/voice", { person, reply_to: replyTo });
export const edit = (person, messageId, text) => post("/sim/edit", { person, message_id: messageId, text });
export const remove = (person, messageIds) => post("/sim/delete", { person, message_ids: messageIds });
export const press = (person, messageId, data) => post("/sim/press", { person, message_id: messageId, data });
export const block = (person, blocked) => post("/sim/block", { person, blocked });
export const advance = (seconds) => post("/sim/clock", { advance_seconds: seconds });

// Options: caption, replyTo, asFile (pictures go as documents), edit (the message whose file is replaced).
export function upload(person, files, { caption, replyTo, asFile, edit: edited } = {}) {
  const form = new FormData();
  form.append("person", person);
  if (caption) form.append("caption", caption);
  if (replyTo) form.append("reply_to", replyTo);
  if (asFile) form.append("as_file", "1");
  if (edited) form.append("edit", edited);
  for (const file of files) form.append("files", file);
  return answered("/sim/upload", { method: "POST", body: form });
}
