// The token lives in this page's memory alone: closing the page signs out of it.
(function () {
  "use strict";
  var token = null;
  var state = document.getElementById("state");

  function value(id) {
    return document.getElementById(id).value;
  }

  function fetcher(request, options) {
    var headers = Object.assign({}, options && options.headers, {
      Accept: "application/graphql-response+json, application/json",
      "Content-Type": "application/json"
    });
    if (token && !headers.Authorization) {
      headers.Authorization = "Bearer " + token;
    }
    return fetch("/graphql", {
      method: "POST",
      headers: headers,
      body: JSON.stringify(request)
    }).then(function (answer) {
      return answer.json();
    });
  }

  function show() {
    var editor = document.getElementById("editor");
    // Mounted anew after signing in, so that the schema is asked for again.
    if (root) {
      root.unmount();
    }
    root = ReactDOM.createRoot(editor);
    root.render(React.createElement(GraphiQL, { fetcher: fetcher, defaultEditorToolsVisibility: true }));
  }

  var root = null;
  document.getElementById("sign-in").addEventListener("submit", function (event) {
    event.preventDefault();
    var body = { grant_type: "password", username: value("name"), password: value("password") };
    if (value("tenant")) {
      body.tenant = value("tenant");
    }
    fetch("/auth/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body)
    })
      .then(function (answer) {
        return answer.json();
      })
      .then(function (answer) {
        token = answer.access_token || null;
        state.textContent = token ? "Signed in as " + value("name") + "." : answer.message;
        document.getElementById("password").value = "";
        if (token) {
          show();
        }
      });
  });
  show();
})();
