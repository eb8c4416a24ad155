// Puts the chosen theme on <html> before the first paint. Without a choice the system decides.
(function () {
  var key = "doorward.theme" + (document.documentElement.dataset.prefix || "");
  function apply(theme) {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
  try { apply(localStorage.getItem(key)); } catch (e) { /* storage is blocked: follow the system */ }
  addEventListener("storage", function (e) { if (e.key === key) apply(e.newValue); });
})();
