/* Orders: a form marked data-order is sent as JSON, and says what became of it; nothing here decides who may. */
(function () {
  "use strict";
  var LONGEST_MS = 10 * 60 * 1000;

  function say(form, text, state) {
    var output = form.querySelector("output");
    if (!output) return;
    output.textContent = text;
    output.dataset.state = state;
  }

  function read(response) {
    return response.json().catch(function () { return {said: String(response.status)}; });
  }

  function follow(form, id, since) {
    fetch("/order/" + id, {headers: {"Accept": "application/json"}}).then(read).then(function (found) {
      say(form, found.said, found.state);
      if (found.state === "DONE") return setTimeout(function () { location.reload(); }, 1500);
      if (found.state === "WAITING" && Date.now() - since < LONGEST_MS) {
        setTimeout(function () { follow(form, id, since); }, 2500);
      }
    }).catch(function () { say(form, form.dataset.failed || "", "FAILED"); });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-order]")) return;
    event.preventDefault();
    var values = {};
    new FormData(form).forEach(function (value, name) { if (typeof value === "string") values[name] = value; });
    fetch("/order/" + form.dataset.order, {
      method: "POST",
      headers: {"Content-Type": "application/json", "Accept": "application/json"},
      body: JSON.stringify(values),
    }).then(function (response) {
      return read(response).then(function (found) {
        say(form, found.said, response.ok ? "WAITING" : "FAILED");
        if (response.ok) follow(form, found.id, Date.now());
      });
    }).catch(function () { say(form, form.dataset.failed || "", "FAILED"); });
  });
})();
