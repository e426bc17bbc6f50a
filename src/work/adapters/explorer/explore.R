# What an R kernel is asked about its variables. `name`: one of them, else all. Promises and active bindings are not forced,
# and methods that somebody defined for a class are not called.
function(name = NULL) {
  most <- 2000L
  rows <- 50L
  escaped <- function(text) {
    text <- enc2utf8(as.character(text)[1L])
    if (is.na(text)) return("null")
    encodeOne <- function(point) {
      if (point == 34L) return("\\\"")
      if (point == 92L) return("\\\\")
      if (point >= 32L && point < 127L) return(intToUtf8(point))
      if (point > 65535L) {
        rest <- point - 65536L
        return(sprintf("\\u%04x\\u%04x", 55296L + rest %/% 1024L, 56320L + rest %% 1024L))
      }
      sprintf("\\u%04x", point)
    }
    points <- utf8ToInt(text)
    if (length(points) == 1L && is.na(points)) return("\"\"")
    paste0("\"", paste0(vapply(points, encodeOne, ""), collapse = ""), "\"")
  }
  short <- function(text, units = 200L) {
    line <- gsub("[[:space:]]+", " ", paste(text, collapse = " "))
    if (nchar(line) > units) paste0(substr(line, 1L, units - 1L), "\u2026") else line
  }
  counted <- function(number) formatC(number, format = "d", big.mark = ",")
  shape <- function(value) {
    sides <- attr(value, "dim", exact = TRUE)
    if (is.list(value) && inherits(value, "data.frame")) sides <- c(.row_names_info(value, 2L), length(unclass(value)))
    if (!is.null(sides)) return(paste(counted(as.integer(sides)), collapse = " \u00d7 "))
    if (is.function(value) || is.environment(value) || is.language(value)) return("")
    count <- length(unclass(value))
    paste(counted(count), if (count == 1L) "item" else "items")
  }
  item <- function(value) {
    if (is.function(value)) return("function")
    if (is.environment(value)) return("<environment>")
    if (is.list(value)) {
      names <- names(value)
      if (is.null(names)) return(paste(vapply(utils::head(unclass(value), 8L), typeof, ""), collapse = ", "))
      return(paste(utils::head(names, 20L), collapse = ", "))
    }
    if (is.factor(value)) return(paste(utils::head(levels(value), 20L), collapse = ", "))
    if (is.atomic(value)) {
      start <- unclass(value)[seq_len(min(8L, length(value)))]
      attributes(start) <- NULL
      shown <- if (is.character(start)) encodeString(substr(start, 1L, 60L), quote = "\"") else format(start, trim = TRUE, digits = 7L)
      return(paste0(paste(shown, collapse = ", "), if (length(value) > 8L) ", \u2026" else ""))
    }
    ""
  }
  # Of what is large only the vectors are counted: strings would be gone through one by one.
  size <- function(value) {
    if (is.environment(value)) return("null")
    if (is.character(value) && length(value) > 100000L) return("null")
    if (is.list(value) && length(unclass(value)) > 10000L) return("null")
    columns <- if (is.list(value)) unclass(value) else list(value)
    if (any(vapply(columns, function(one) is.character(one) && length(one) > 100000L, TRUE))) return("null")
    sprintf("%.0f", as.numeric(utils::object.size(value)))
  }
  about <- function(name, value) {
    guarded <- function(look, or) tryCatch(look(value), error = function(e) or)
    c(
      paste0("\"name\":", escaped(name)),
      paste0("\"type\":", escaped(class(value)[1L])),
      paste0("\"shape\":", escaped(guarded(shape, ""))),
      paste0("\"sizeBytes\":", guarded(size, "null")),
      paste0("\"preview\":", escaped(short(guarded(item, ""))))
    )
  }
  cells <- function(column) {
    if (is.list(column)) return(rep("<list>", length(column)))
    if (is.factor(column)) return(as.character(column))
    format(unclass(column), trim = TRUE)
  }
  table <- function(value) {
    isFrame <- is.list(value) && inherits(value, "data.frame")
    if (!isFrame && !(is.matrix(value) && is.atomic(value))) return("null")
    total <- if (isFrame) .row_names_info(value, 2L) else nrow(value)
    width <- min(50L, if (isFrame) length(unclass(value)) else ncol(value))
    some <- seq_len(min(rows, total))
    columns <- lapply(seq_len(width), function(at) if (isFrame) unclass(value)[[at]][some] else value[some, at])
    names <- if (isFrame) names(value) else colnames(value)
    if (is.null(names)) names <- paste0("[,", seq_len(width), "]")
    heads <- vapply(seq_len(width), function(at) sprintf("{\"name\":%s,\"type\":%s}", escaped(names[at]), escaped(class(columns[[at]])[1L])), "")
    texts <- lapply(columns, function(column) vapply(substr(cells(column), 1L, 200L), escaped, "", USE.NAMES = FALSE))
    lines <- vapply(some, function(row) paste0("[", paste(vapply(texts, function(one) one[row], ""), collapse = ","), "]"), "")
    sprintf("{\"columns\":[%s],\"rows\":[%s],\"totalRows\":%d}", paste(heads, collapse = ","), paste(lines, collapse = ","), total)
  }
  text <- function(value) {
    if (is.function(value)) return(paste(deparse(value, nlines = 200L), collapse = "\n"))
    if (is.atomic(value)) {
      start <- unclass(value)[seq_len(min(200L, length(value)))]
      attributes(start) <- NULL
      return(paste(format(start, trim = TRUE), collapse = "\n"))
    }
    item(value)
  }
  here <- globalenv()
  readable <- function(name) !bindingIsActive(name, here)
  if (!is.null(name)) {
    if (!exists(name, envir = here, inherits = FALSE)) return("null")
    if (!readable(name)) return(paste0("{\"name\":", escaped(name), ",\"type\":\"active\",\"shape\":\"\",\"sizeBytes\":null,\"preview\":\"\",\"text\":\"\",\"table\":null}"))
    value <- get(name, envir = here, inherits = FALSE)
    parts <- c(
      about(name, value),
      paste0("\"text\":", escaped(substr(tryCatch(text(value), error = function(e) ""), 1L, 20000L))),
      paste0("\"table\":", tryCatch(table(value), error = function(e) "null"))
    )
    return(paste0("{", paste(parts, collapse = ","), "}"))
  }
  names <- ls(here)
  shown <- utils::head(names[vapply(names, readable, TRUE)], most)
  one <- function(name) paste0("{", paste(about(name, get(name, envir = here, inherits = FALSE)), collapse = ","), "}")
  # Data first, functions after it.
  isFunction <- vapply(shown, function(name) is.function(get(name, envir = here, inherits = FALSE)), TRUE)
  listed <- vapply(shown[order(isFunction)], one, "", USE.NAMES = FALSE)
  sprintf("{\"variables\":[%s],\"truncated\":%s}", paste(listed, collapse = ","), if (length(names) > most) "true" else "false")
}
