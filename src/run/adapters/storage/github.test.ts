import { expect, test } from "vitest"
import { githubToken, rawGithubAddress } from "#run/adapters/storage/github.ts"

test.each([
  ["https://github.com/o/r/blob/main/dir/a%20b.ipynb", "https://raw.githubusercontent.com/o/r/main/dir/a%20b.ipynb"],
  ["http://www.github.com/o/r/raw/v1/a.ipynb?raw=true#L3", "https://raw.githubusercontent.com/o/r/v1/a.ipynb"],
  ["https://github.com/o/r", "https://github.com/o/r"],
  ["https://github.com/o/r/tree/main/dir", "https://github.com/o/r/tree/main/dir"],
  ["https://github.com.example.org/o/r/blob/main/a.ipynb", "https://github.com.example.org/o/r/blob/main/a.ipynb"],
  ["https://gist.github.com/o/r/blob/main/a.ipynb", "https://gist.github.com/o/r/blob/main/a.ipynb"],
])("%s is read from %s", (page, file) => {
  expect(rawGithubAddress(new URL(page)).href).toBe(file)
})

test("the token goes to GitHub's file host over TLS and nowhere else", () => {
  const env = { GITHUB_ACCESS_TOKEN: "t" }
  const sentTo = (url: string) => githubToken(new URL(url), env)
  expect(sentTo("https://raw.githubusercontent.com/o/r/main/a")).toBe("t")
  for (const url of [
    "http://raw.githubusercontent.com/a",
    "https://raw.githubusercontent.com:8443/a",
    "https://github.com/a",
    "https://a.example.org/",
  ]) {
    expect(sentTo(url)).toBeUndefined()
  }
  expect(githubToken(new URL("https://raw.githubusercontent.com/a"), { GITHUB_ACCESS_TOKEN: "" })).toBeUndefined()
})
