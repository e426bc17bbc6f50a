import { terminal } from "#page/ansi.ts"
import { still } from "#page/clean.ts"
import { code } from "#page/code.ts"
import { markdown } from "#page/markdown.ts"

const m = (s) => console.log(markdown(s, { macros: {}, id: "h-1" }).markup.markup, "\n--")
m("# Hi $x$ *a*\ncosts $5 and $10, `$a`. $ x^2 $ and $x$ \\$no\\$ $$a\n+b$$\n\n$$\n\\frac12\n\n$$\n\n\\begin{align}a&=b\\\\c&=d\\end{align}\n")
m(
  "![alt](http://x/y.png) <img src=x onerror=alert(1)> <div class='alert alert-info' style='position:fixed' onclick=x>hey <b>you</div> <script>alert(1)</script> [j](javascript:alert(1)) <a id=x href='#My Section'>z</a>\n\n```python\ndef f(): return 'x' # c\n```\n\n- [x] done\n\n|a|b|\n|:-|-:|\n|1|2|",
)
m("<stet-part data-part='0'></stet-part><stet-part data-part=99></stet-part> $a$ <img alt=\"<stet-part data-part='0'></stet-part>\" src=x>")
m("שלום עולם")
console.log(
  still(
    '<div><style scoped>\n    .dataframe tbody tr th:only-of-type {\n        vertical-align: middle;\n    }\n\n    .dataframe thead th {\n        text-align: right;\n    }\n</style>\n<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>1</td></tr></tbody></table><p>1 rows × 1 columns</p></div>',
  )?.markup,
)
console.log(
  still("<style type=text/css>#T_a{}</style><table id=T_a></table>"),
  still("<b onclick=x>"),
  still("<b>ok</b><img src=http://x>")?.markup,
  still("<p style='color:red'>x"),
)
console.log(
  terminal(
    "a\x1b[31;1mred\x1b[0m \x1b[38;5;28;01mpal\x1b[39;00m\x1b[48;2;1;2;3mtc\x1b[0m\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[2Kz\x1b[4munder\x1b[7mrev\x1b[0m 10%\r20%\r\n<b>",
  ).markup,
)
console.log(
  code("x = 1 # \u202e c\n%matplotlib inline\nprint(f'a{x}')", "python").markup,
  code("x <- function(a) a + 1 # c", "R").markup,
  code("const x: number = 1", "typescript").markup,
)
