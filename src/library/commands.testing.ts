/** Texts that are commands to a shell, Python, R, SQL or a template language. Whoever obeys one of them leaves the file. */
export function commandsFor(file: string): readonly string[] {
  return [
    `$(touch ${file})`,
    `\`touch ${file}\``,
    `; touch ${file} #`,
    `| touch ${file}`,
    `&& touch ${file}`,
    `\n!touch ${file}\n`,
    `%%bash\ntouch ${file}`,
    `"; open("${file}", "w") #`,
    `'''; open("${file}", "w") #`,
    `\\'; open("${file}", "w") #`,
    `{open("${file}", "w")}`,
    `f"{open('${file}', 'w')}"`,
    `\${open("${file}", "w")}`,
    `\\u000aopen("${file}", "w")`,
    `\u2028open("${file}", "w")`,
    `__import__('os').system('touch ${file}')`,
    `@__import__('os').system('touch ${file}')`,
    `"); system("touch ${file}"); ("`,
    `'); COPY (SELECT 1) TO '${file}'; --`,
    `' OR 1=1; ATTACH '${file}' AS x; --`,
    `x\r\nopen("${file}", "w")`,
  ]
}

/** The most of them in one, for where each costs a kernel: no quote is left open before a shell has done what it is told. */
export function commandFor(file: string): string {
  return `x$(touch ${file})\`touch ${file}\`;touch ${file} # '"""{open("${file}", "w")}\n!touch ${file}\n");system("touch ${file}");("\n__import__('os').system('touch ${file}')`
}
