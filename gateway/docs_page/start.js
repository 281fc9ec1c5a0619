// Swagger UI, with the token that the live page keeps for this tab.
const TOKEN_KEY = "handstream-token";

async function start() {
  let token = sessionStorage.getItem(TOKEN_KEY);
  let answer = await ask(token);
  while (answer.status === 401) {
    token = window.prompt("This gateway asks for its token (HANDSTREAM_GATEWAY_TOKEN):");
    if (token === null) return;
    answer = await ask(token);
  }
  if (token) sessionStorage.setItem(TOKEN_KEY, token);
  window.SwaggerUIBundle({
    spec: await answer.json(),
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (token && !request.headers.Authorization) request.headers.Authorization = `Bearer ${token}`;
      return request;
    },
  });
}

function ask(token) {
  return fetch("/openapi.json", token ? { headers: { Authorization: `Bearer ${token}` } } : {});
}

start();
