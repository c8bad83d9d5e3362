/* Passkeys: the browser asks the key, and the form carries its answer. Without it a page offers its other ways. */
(function (doc) {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  function opened(options, form) {
    const key = options.publicKey;
    key.challenge = bytes(key.challenge);
    if (key.user) key.user.id = bytes(key.user.id);
    for (const known of [...(key.allowCredentials || []), ...(key.excludeCredentials || [])]) known.id = bytes(known.id);
    const alone = form.querySelector("[name=passwordless]");
    if (alone && alone.checked) {
      Object.assign(key.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    }
    return options;
  }

  function written(credential) {
    const given = credential.response;
    const response = { clientDataJSON: text(given.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (given[part]) response[part] = text(given[part]);
    }
    if (given.getTransports) response.transports = given.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function options(form) {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
    return (await answer.json()).request_options;
  }

  async function ask(form) {
    const asked = opened(await options(form), form);
    const key = await (form.dataset.passkey === "new" ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
    form.querySelector("[name=credential]").value = written(key);
    form.submit();
  }

  for (const form of doc.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const sorry = form.querySelector("[data-sorry]");
      sorry.hidden = true;
      ask(form).catch(() => { sorry.hidden = false; });
    });
  }
})(document);
