// Puts the chosen theme on <html> before the first paint. Without a choice the system decides.
(function () {
  function apply(theme) {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
  try { apply(localStorage.getItem("doorward.theme")); } catch (e) { /* storage is blocked: follow the system */ }
  addEventListener("storage", function (e) { if (e.key === "doorward.theme") apply(e.newValue); });
})();
