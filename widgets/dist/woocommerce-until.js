(()=>{document.querySelectorAll("[data-until]").forEach(t=>{t.dataset.until>Date.now()/1e3||(t.textContent="",t.removeAttribute("drawn"))});})();
