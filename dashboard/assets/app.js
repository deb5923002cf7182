/* Dash without reloading and without waiting: the page's layout is in the page, links and forms ask one callback. */
(function () {
  "use strict";
  var seed = document.getElementById("first-layout");
  var root = document.documentElement;
  var plotly = seed.dataset.plotly;
  // dcc would set the address of the whole plotly.js; ours is the cartesian part, a third of it
  Object.defineProperty(window, "_dashPlotlyJSURL", {get: function () { return plotly; }, set: function () {}});

  // finished HTML from the server as one component
  window.dashboard = {
    Static: function (props) {
      return window.React.createElement("div", {className: "static", dangerouslySetInnerHTML: {__html: props.html}});
    },
  };

  // the layout Dash is about to ask for came with the page
  var fetchOverWire = window.fetch.bind(window);
  window.fetch = function (address, options) {
    if (seed && /\/_dash-layout(\?|$)/.test(String(address))) {
      var layout = seed.textContent;
      seed.remove();
      seed = null;
      return Promise.resolve(new Response(layout, {headers: {"Content-Type": "application/json"}}));
    }
    return fetchOverWire(address, options).then(function (response) {
      if (response.status === 401) location.reload();  // the session is over: the page leads to the sign-in and back
      return response;
    });
  };

  var shown = location.pathname + location.search;
  var refocus = null;

  function keyOf(element) {
    if (!element || element === document.body) return null;
    if (element.id) return "#" + CSS.escape(element.id);
    if (element.name) return "[name='" + element.name + "']";
    var href = element.getAttribute && element.getAttribute("href");
    var nav = element.closest && element.closest("nav[aria-label]");
    return href && nav ? "nav[aria-label='" + nav.getAttribute("aria-label") + "'] a[aria-current]" : null;
  }

  function show(address, isNew) {
    var other = new URL(address, location.href);
    var next = other.pathname + other.search;
    if (next === shown) return;
    var isOtherPage = other.pathname !== shown.split("?")[0];
    refocus = isOtherPage ? "h1" : keyOf(document.activeElement);
    shown = next;
    if (isNew) history.pushState({}, "", next + other.hash);
    root.dataset.loading = "";
    window.dash_clientside.set_props("address", {data: next});
    if (isOtherPage) window.scrollTo(0, 0);
  }

  function settled() {
    var app = document.getElementById("app");
    if (!app) return;
    var first = document.getElementById("first-paint");
    if (first) {
      first.remove();
      document.getElementById("react-entry-point").hidden = false;
    }
    var main = app.querySelector("main");
    if ("loading" in root.dataset && main && main.dataset.address !== shown) return;
    if (main && main.dataset.title) document.title = main.dataset.title;
    delete root.dataset.loading;
    if (refocus) {
      var target = document.querySelector("#app " + refocus);
      refocus = null;
      if (target) target.focus({preventScroll: true});
    }
  }
  new MutationObserver(settled).observe(document.getElementById("react-entry-point"), {childList: true, subtree: true});

  function isReady() {
    return document.getElementById("app") && window.dash_clientside && window.dash_clientside.set_props;
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    var other = new URL(link.href);
    if (other.origin !== location.origin || link.hasAttribute("download") || "reload" in link.dataset) return;
    if (link.getAttribute("href")[0] === "#" || link.target || !isReady()) return;
    event.preventDefault();
    show(link.href, true);
  });

  // a large table comes when it is opened ("toggle" does not bubble)
  document.addEventListener("toggle", function (event) {
    var details = event.target;
    if (!details.open || !details.dataset || !details.dataset.table) return;
    var address = details.dataset.table;
    delete details.dataset.table;
    fetchOverWire(address).then(function (response) {
      return response.ok ? response.text() : Promise.reject(response.status);
    }).then(function (text) {
      details.querySelector(".disclosed").innerHTML = text;
    }).catch(function () { details.dataset.table = address; details.open = false; });
  }, true);

  function submit(form) {
    var values = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (value !== "") values.append(name, value);
    });
    if (values.get("period") === "90d") values.delete("period");
    var query = values.toString();
    show(form.getAttribute("action") + (query ? "?" + query : ""), true);
  }
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("form[data-view]") || !isReady()) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("change", function (event) {
    var form = event.target.closest && event.target.closest("form[data-view]");
    if (!form || !isReady()) return;
    // days and a period by name exclude each other: the one changed last goes, else the one that held before
    var dates = form.querySelectorAll("input[type=date]");
    var period = form.querySelector("[name=period]");
    var byDays = event.target.type === "date" || (form.dataset.view === "custom" && event.target !== period);
    function use(areDays) {
      dates.forEach(function (field) { field.disabled = !areDays; });
      if (period && dates.length) period.disabled = areDays;
    }
    use(byDays);
    if (form.checkValidity()) submit(form);
    dates.forEach(function (field) { field.disabled = false; });
    if (period) period.disabled = false;
  });
  window.addEventListener("popstate", function () {
    if (isReady()) show(location.href, false);
    else location.reload();
  });

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-switch]")) return;
    var isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    document.cookie = "theme=" + root.dataset.theme + "; path=/; max-age=31536000; samesite=lax";
  });

  // charts are redrawn at their size on paper as soon as the print styles hold, and back afterwards. Not by
  // Plots.resize, which waits a while: the printer doesn't
  var PAPER = 718;  // pixels between the margins of A4, see @page
  function draw(isOnPaper) {
    var plots = [].slice.call(document.querySelectorAll(".js-plotly-plot"));
    if (isOnPaper) root.style.width = PAPER + "px";
    var sizes = plots.map(function (plot) {
      var box = plot.closest(".chart").getBoundingClientRect();
      return isOnPaper && box.width && box.height
        ? {autosize: false, width: box.width, height: box.height}
        : {autosize: true, width: null, height: null};
    });
    root.style.width = "";
    plots.forEach(function (plot, i) { window.Plotly.relayout(plot, sizes[i]); });
  }
  window.matchMedia("print").addEventListener("change", function (event) { draw(event.matches); });
})();
