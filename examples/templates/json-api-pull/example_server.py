"""The API that the template pulls when it is given no address: ten stations in pages, one busy moment, one forbidden country."""
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

STATIONS = [
    {"id": number, "name": name, "country": country, "place": {"height": height}}
    for number, (name, country, height) in enumerate(
        [("Aachen", "DE", 231), ("Brocken", "DE", 1134), ("Cannes", "FR", 10), ("Davos", "CH", 1594), ("Essen", "DE", 150),
         ("Fulda", "DE", 242), ("Grenoble", "FR", 384), ("Hof", "DE", 565), ("Innsbruck", "AT", 578), ("Jena", "DE", 155)], 1)
]
busy = {2}


class Stations(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = {key: values[0] for key, values in parse_qs(urlparse(self.path).query).items()}
        number, size = int(asked.get("page", 1)), int(asked.get("size", 4))
        if asked.get("country") == "XX":
            return self.answer(403, {"error": "no such country for you"})
        if number in busy:
            busy.remove(number)
            return self.answer(503, {"error": "busy"}, {"retry-after": "0.05"})
        found = [one for one in STATIONS if asked.get("country", one["country"]) == one["country"]]
        begin = (number - 1) * size
        more = begin + size < len(found)
        self.answer(200, {"total": len(found), "items": found[begin:begin + size], "next": number + 1 if more else None})

    def answer(self, status, value, headers={}):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Stations)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
