/**
 * The names that R and its Jupyter kernel bring. Those of the packages that are always attached are what R 4.2 itself lists:
 * `unlist(lapply(c("base", "stats", "graphics", "grDevices", "utils", "methods", "datasets"), \(p) ls(paste0("package:", p))))`.
 */
const NAMES = new Set(
  `
  ... AIC ARMAacf ARMAtoMA AirPassengers Arg Arith Axis BIC BJsales BJsales.lead BOD Box.test C CIDFont CO2 ChickWeight Compare Complex Conj
  Cstack_info D DF2formula DNase Encoding EuStockMarkets Exec F FALSE Filter Find Formaldehyde Gamma HairEyeColor Harman23.cor Harman74.cor Hershey
  HoltWinters I IQR ISOdate ISOdatetime Im Indometh Inf InsectSprays JohnsonJohnson KalmanForecast KalmanLike KalmanRun KalmanSmooth LETTERS La.svd
  La_library La_version LakeHuron LifeCycleSavings Loblolly Logic Map Math Math.Date Math.POSIXt Math.data.frame Math.difftime Math.factor Math2
  MethodAddCoerce MethodsList MethodsListSelect Mod NA NA_character_ NA_complex_ NA_integer_ NA_real_ NCOL NLSstAsymptotic NLSstClosestX
  NLSstLfAsymptote NLSstRtAsymptote NROW NULL NaN Negate NextMethod Nile OlsonNames Ops Ops.Date Ops.POSIXt Ops.data.frame Ops.difftime Ops.factor
  Ops.numeric_version Ops.ordered Orange OrchardSprays PP.test Pair PlantGrowth Position Puromycin Quote R.Version R.home R.version R.version.string
  RNGkind RNGversion RShowDoc RSiteSearch R_system_version Re Recall Reduce Rprof Rprofmem Rtangle RtangleFinish RtangleRuncode RtangleSetup
  RtangleWritedoc RweaveChunkPrefix RweaveEvalWithOpt RweaveLatex RweaveLatexFinish RweaveLatexOptions RweaveLatexSetup RweaveLatexWritedoc
  RweaveTryStop S3Class S3Part SSD SSasymp SSasympOff SSasympOrig SSbiexp SSfol SSfpl SSgompertz SSlogis SSmicmen SSweibull Seatbelts
  SignatureMethod Stangle StructTS Summary Summary.Date Summary.POSIXct Summary.POSIXlt Summary.data.frame Summary.difftime Summary.factor
  Summary.numeric_version Summary.ordered Sweave SweaveHooks SweaveSyntConv SweaveSyntaxLatex SweaveSyntaxNoweb Sys.Date Sys.chmod Sys.getenv
  Sys.getlocale Sys.getpid Sys.glob Sys.info Sys.localeconv Sys.readlink Sys.setFileTime Sys.setLanguage Sys.setenv Sys.setlocale Sys.sleep Sys.time
  Sys.timezone Sys.umask Sys.unsetenv Sys.which T TRUE Tailcall Theoph Titanic ToothGrowth TukeyHSD Type1Font UCBAdmissions UKDriverDeaths UKgas
  URLdecode URLencode USAccDeaths USArrests USJudgeRatings USPersonalExpenditure UScitiesD UseMethod VADeaths Vectorize View WWWusage WorldPhones
  X11 X11.options X11Font X11Fonts abbreviate ability.cov abline abs acf acf2AR acos acosh activeBindingFunction add.scope add1 addNA addNextMethod
  addTaskCallback addmargins adist adjustcolor aggregate aggregate.data.frame aggregate.ts agrep agrepl airmiles airquality alarm alias alist all
  all.equal all.equal.POSIXt all.equal.character all.equal.default all.equal.envRefClass all.equal.environment all.equal.factor all.equal.formula
  all.equal.function all.equal.language all.equal.list all.equal.numeric all.equal.raw all.names all.vars allNames allowInterrupts anova ansari.test
  anscombe any anyDuplicated anyDuplicated.array anyDuplicated.data.frame anyDuplicated.default anyDuplicated.matrix anyNA anyNA.POSIXlt
  anyNA.data.frame anyNA.numeric_version aov aperm aperm.default aperm.table append apply approx approxfun apropos ar ar.burg ar.mle ar.ols ar.yw
  aregexec args argsAnywhere arima arima.sim arima0 arima0.diag array arrayInd arrows as as.Date as.Date.POSIXct as.Date.POSIXlt as.Date.character
  as.Date.default as.Date.factor as.Date.numeric as.POSIXct as.POSIXct.Date as.POSIXct.POSIXlt as.POSIXct.default as.POSIXct.numeric as.POSIXlt
  as.POSIXlt.Date as.POSIXlt.POSIXct as.POSIXlt.character as.POSIXlt.default as.POSIXlt.factor as.POSIXlt.numeric as.array as.array.default as.call
  as.character as.character.Date as.character.POSIXt as.character.condition as.character.default as.character.error as.character.factor
  as.character.hexmode as.character.numeric_version as.character.octmode as.character.srcref as.complex as.data.frame as.data.frame.AsIs
  as.data.frame.Date as.data.frame.POSIXct as.data.frame.POSIXlt as.data.frame.array as.data.frame.character as.data.frame.complex
  as.data.frame.data.frame as.data.frame.default as.data.frame.difftime as.data.frame.factor as.data.frame.integer as.data.frame.list
  as.data.frame.logical as.data.frame.matrix as.data.frame.model.matrix as.data.frame.noquote as.data.frame.numeric as.data.frame.numeric_version
  as.data.frame.ordered as.data.frame.raw as.data.frame.table as.data.frame.ts as.data.frame.vector as.dendrogram as.difftime as.dist as.double
  as.double.POSIXlt as.double.difftime as.environment as.expression as.expression.default as.factor as.formula as.function as.function.default
  as.graphicsAnnot as.hclust as.hexmode as.integer as.list as.list.Date as.list.POSIXct as.list.POSIXlt as.list.data.frame as.list.default
  as.list.difftime as.list.environment as.list.factor as.list.function as.list.numeric_version as.logical as.logical.factor as.matrix
  as.matrix.POSIXlt as.matrix.data.frame as.matrix.default as.matrix.noquote as.name as.null as.null.default as.numeric as.numeric_version
  as.octmode as.ordered as.package_version as.pairlist as.person as.personList as.qr as.raster as.raw as.relistable as.roman as.single
  as.single.default as.stepfun as.symbol as.table as.table.default as.ts as.vector as.vector.POSIXlt as.vector.data.frame as.vector.factor
  asDateBuilt asMethodDefinition asNamespace asOneSidedFormula asS3 asS4 asin asinh askYesNo aspell aspell_package_C_files aspell_package_R_files
  aspell_package_Rd_files aspell_package_vignettes aspell_write_personal_dictionary_file asplit assign assignClassDef assignInMyNamespace
  assignInNamespace assignMethodsMetaData assocplot atan atan2 atanh attach attachNamespace attenu attitude attr attr.all.equal attributes austres
  autoload autoloader available.packages ave axTicks axis axis.Date axis.POSIXct axisTicks backsolve balanceMethodsList bandwidth.kernel barplot
  barplot.default bartlett.test baseenv basename beaver1 beaver2 besselI besselJ besselK besselY beta bibentry bindingIsActive bindingIsLocked
  bindtextdomain binom.test binomial biplot bitmap bitwAnd bitwNot bitwOr bitwShiftL bitwShiftR bitwXor blues9 bmp body box boxplot boxplot.default
  boxplot.matrix boxplot.stats bquote break browseEnv browseURL browseVignettes browser browserCondition browserSetDebug browserText bug.report
  builtins bw.SJ bw.bcv bw.nrd bw.nrd0 bw.ucv bxp by by.data.frame by.default bzfile c c.Date c.POSIXct c.POSIXlt c.difftime c.factor c.noquote
  c.numeric_version c.warnings cacheGenericsMetaData cacheMetaData cacheMethod cairoSymbolFont cairo_pdf cairo_ps call callCC callGeneric
  callNextMethod canCoerce cancor capabilities capture.output cars case.names casefold cat cbind cbind.data.frame cbind2 ccf cdplot ceiling
  changedFiles char.expand charClass charToRaw character charmatch chartr check.options checkAtAssignment checkCRAN checkSlotAssignment check_tzones
  chickwts chisq.test chkDots chol chol.default chol2inv choose chooseBioCmirror chooseCRANmirror chull citEntry citFooter citHeader citation cite
  citeNatbib class classLabel classMetaName className classesToAM clearPushBack clear_output clip close close.connection close.screen close.socket
  close.srcfile close.srcfilealias closeAllConnections clrhash cm cm.colors cmdscale co.intervals co2 coef coefficients coerce col col2rgb colMeans
  colSums colnames colorConverter colorRamp colorRampPalette colors colorspaces colours combn commandArgs comment compareVersion complete.cases
  completeClassDefinition completeExtends completeSubclasses complex computeRestarts conditionCall conditionCall.condition conditionMessage
  conditionMessage.condition confint confint.default confint.lm conflictRules conflicts conformMethod constrOptim contour contour.default
  contourLines contr.SAS contr.helmert contr.poly contr.sum contr.treatment contrasts contrib.url contributors convertColor convolve cooks.distance
  cophenetic coplot cor cor.test cos cosh cospi count.fields cov cov.wt cov2cor covratio cpgram create.post crimtab crossprod cummax cummin cumprod
  cumsum curlGetHeaders curve cut cut.Date cut.POSIXt cut.default cutree cycle dQuote data data.class data.entry data.frame data.matrix dataentry
  date dbeta dbinom dcauchy dchisq de de.ncols de.restore de.setup debug debugcall debugger debuggingState debugonce decompose
  default.stringsAsFactors defaultDumpName defaultPrototype delayedAssign delete.response deltat demo dendrapply densCols density density.default
  deparse deparse1 deriv deriv3 det detach determinant determinant.matrix dev.capabilities dev.capture dev.control dev.copy dev.copy2eps
  dev.copy2pdf dev.cur dev.flush dev.hold dev.interactive dev.list dev.new dev.next dev.off dev.prev dev.print dev.set dev.size dev2bitmap
  devAskNewPage deviance deviceIsInteractive dexp df df.kernel df.residual dfbeta dfbetas dffits dgamma dgeom dget dhyper diag diff diff.Date
  diff.POSIXt diff.default diff.difftime diffinv difftime digamma dim dim.data.frame dimnames dimnames.data.frame dir dir.create dir.exists dirname
  discoveries display display_html display_javascript display_jpeg display_json display_latex display_markdown display_pdf display_png display_svg
  dist dlnorm dlogis dmultinom dnbinom dnorm do.call doPrimitiveMethod dontCheck dotchart double download.file download.packages dpois dput drop
  drop.scope drop.terms drop1 droplevels droplevels.data.frame droplevels.factor dsignrank dt dummy.coef dummy.coef.lm dump dump.frames dumpMethod
  dumpMethods dunif duplicated duplicated.POSIXlt duplicated.array duplicated.data.frame duplicated.default duplicated.matrix
  duplicated.numeric_version duplicated.warnings dweibull dwilcox dyn.load dyn.unload dynGet eapply ecdf edit eff.aovlist effects eigen el elNamed
  else emacs embed embedFonts empty.dump emptyMethodsList emptyenv enc2native enc2utf8 encodeString end endsWith enquote env.profile environment
  environmentIsLocked environmentName erase.screen errorCondition esoph estVar euro euro.cross eurodist eval eval.parent evalOnLoad evalSource evalq
  evalqOnLoad example exists existsFunction existsMethod exp expand.grid expand.model.frame expm1 expression extSoftVersion extendrange extends
  externalRefMethod extractAIC factanal factor factor.scope factorial faithful family fdeaths fft fifo file file.access file.append file.choose
  file.copy file.create file.edit file.exists file.info file.link file.mode file.mtime file.path file.remove file.rename file.show file.size
  file.symlink fileSnapshot file_test filled.contour filter finalDefaultMethod find find.package findCRANmirror findClass findFunction findInterval
  findLineNum findMethod findMethodSignatures findMethods findPackageEnv findRestart findUnique fisher.test fitted fitted.values fivenum fix
  fixInNamespace fixPre1.8 fligner.test floor flush flush.connection flush.console for force forceAndCall formalArgs formals format format.AsIs
  format.Date format.POSIXct format.POSIXlt format.data.frame format.default format.difftime format.factor format.hexmode format.info
  format.libraryIQR format.numeric_version format.octmode format.packageInfo format.pval format.summaryDefault formatC formatDL formatOL formatUL
  formula forwardsolve fourfoldplot frame freeny freeny.x freeny.y frequency friedman.test ftable function functionBody gait gamma gaussian gc
  gc.time gcinfo gctorture gctorture2 generic.skeleton get get0 getAllConnections getAllSuperClasses getAnywhere getCRANmirrors getCall
  getCallingDLL getCallingDLLe getClass getClassDef getClasses getConnection getDLLRegisteredRoutines getDLLRegisteredRoutines.DLLInfo
  getDLLRegisteredRoutines.character getDataPart getElement getExportedValue getFromNamespace getFunction getGeneric getGenerics getGraphicsEvent
  getGraphicsEventEnv getGroup getGroupMembers getHook getInitial getLoadActions getLoadedDLLs getMethod getMethods getMethodsForDispatch
  getMethodsMetaData getNamespace getNamespaceExports getNamespaceImports getNamespaceInfo getNamespaceName getNamespaceUsers getNamespaceVersion
  getNativeSymbolInfo getOption getPackageName getParseData getParseText getRefClass getRversion getS3method getSlots getSrcDirectory getSrcFilename
  getSrcLines getSrcLocation getSrcref getTaskCallbackNames getTxtProgressBar getValidity get_all_vars geterrmessage gethash gettext gettextf getwd
  gl glm glm.control glm.fit glob2rx globalCallingHandlers globalVariables globalenv grSoftVersion graphics.off gray gray.colors grconvertX
  grconvertY gregexec gregexpr grep grepRaw grepl grepv grey grey.colors grid grouping gsub gzcon gzfile hasArg hasLoadAction hasMethod hasMethods
  hasName hasTsp hashtab hat hatvalues hcl hcl.colors hcl.pals hclust head head.matrix heat.colors heatmap help help.request help.search help.start
  hist hist.default history hsearch_db hsearch_db_concepts hsearch_db_keywords hsv iconv iconvlist icuGetCollate icuSetCollate identical identify
  identity if ifelse image image.default implicitGeneric importIntoEnv in infert influence influence.measures infoRDS inheritedSlotNames inherits
  initFieldArgs initRefFields initialize insertClassMethods insertMethod insertSource install.packages installed.packages intToBits intToUtf8
  integer integrate interaction interaction.plot interactive intersect inverse.gaussian inverse.rle invisible invokeRestart
  invokeRestartInteractively iris iris3 is is.R is.array is.atomic is.call is.character is.complex is.data.frame is.double is.element is.empty.model
  is.environment is.expression is.factor is.finite is.function is.hashtab is.infinite is.integer is.language is.leaf is.list is.loaded is.logical
  is.matrix is.mts is.na is.na.POSIXlt is.na.data.frame is.na.numeric_version is.name is.nan is.null is.numeric is.numeric.Date is.numeric.POSIXt
  is.numeric.difftime is.numeric_version is.object is.ordered is.package_version is.pairlist is.primitive is.qr is.raster is.raw is.recursive
  is.relistable is.single is.stepfun is.symbol is.table is.ts is.tskernel is.unsorted is.vector isBaseNamespace isClass isClassDef isClassUnion
  isFALSE isGeneric isGrammarSymbol isGroup isIncomplete isNamespace isNamespaceLoaded isOpen isRematched isRestart isS3method isS3stdGeneric isS4
  isSealedClass isSealedMethod isSeekable isSymmetric isSymmetric.matrix isTRUE isVirtualClass isXS3Class isa isatty isdebugged islands isoreg
  jitter jpeg julian julian.Date julian.POSIXt kappa kappa.default kappa.lm kappa.qr kernapply kernel kmeans knots kronecker kruskal.test ks.test
  ksmooth l10n_info labels labels.default lag lag.plot languageEl lapply layout layout.show lazyLoad lazyLoadDBexec lazyLoadDBfetch lbeta lchoose
  lcm ldeaths legend length length.POSIXlt lengths letters levels levels.default lfactorial lgamma lh libcurlVersion library library.dynam
  library.dynam.unload licence license limitedLabels line linearizeMlist lines lines.default list list.dirs list.files list2DF list2env
  listFromMethods listFromMlist lm lm.fit lm.influence lm.wfit load loadMethod loadNamespace loadedNamespaces loadhistory loadingNamespaceInfo
  loadings local localeToCharset locator lockBinding lockEnvironment loess loess.control loess.smooth log log10 log1p log2 logLik logb logical
  loglin longley lower.tri lowess ls ls.diag ls.print ls.str lsf.str lsfit lynx mad mahalanobis maintainer make.link make.names make.packages.html
  make.rgb make.socket make.unique makeARIMA makeActiveBinding makeClassRepresentation makeExtends makeGeneric makeMethodsList
  makePrototypeFromClassDef makeRweaveLatexCodeRunner makeStandardGeneric makepredictcall manova mantelhaen.test maphash mapply margin.table
  marginSums mat.or.vec match match.arg match.call match.fun matchSignature matlines matplot matpoints matrix mauchly.test max max.col mcnemar.test
  mdeaths mean mean.Date mean.POSIXct mean.POSIXlt mean.default mean.difftime median median.default medpolish mem.maxNSize mem.maxVSize memCompress
  memDecompress memory.limit memory.profile memory.size menu merge merge.data.frame merge.default mergeMethods message metaNameUndo method.skeleton
  methodSignatureMatrix methods methodsPackageMetaName mget min mirror2html missing missingArg mode model.extract model.frame model.frame.default
  model.matrix model.matrix.default model.matrix.lm model.offset model.response model.tables model.weights modifyList month.abb month.name monthplot
  months months.Date months.POSIXt mood.test morley mosaicplot mtcars mtext mtfrm mtfrm.default multipleClasses mvfft n2mfrow na.action
  na.contiguous na.exclude na.fail na.omit na.pass names names.POSIXlt namespaceExport namespaceImport namespaceImportClasses namespaceImportFrom
  namespaceImportMethods napredict naprint naresid nargs nchar nclass.FD nclass.Sturges nclass.scott ncol new new.env new.packages newBasic
  newClassRepresentation newEmptyObject news next nextn ngettext nhtemp nlevels nlm nlminb nls nls.control nobs noquote norm normalizePath nottem
  npk nrow nsl nullfile numToBits numToInts numeric numericDeriv numeric_version numhash nzchar object.size objects occupationalStatus offset
  old.packages oldClass on.exit oneway.test open open.connection open.srcfile open.srcfilealias open.srcfilecopy optim optimHess optimise optimize
  options order order.dendrogram ordered osVersion outer p.adjust p.adjust.methods pacf packBits package.skeleton packageDate packageDescription
  packageEvent packageHasNamespace packageName packageNotFoundError packageSlot packageStartupMessage packageStatus packageVersion package_version
  page pairlist pairs pairs.default pairwise.prop.test pairwise.t.test pairwise.table pairwise.wilcox.test palette palette.colors palette.pals
  panel.smooth par parent.env parent.frame parse parseNamespaceFile paste paste0 path.expand path.package pbeta pbinom pbirthday pcauchy pchisq
  pcre_config pdf pdf.options pdfFonts penguins penguins_raw person personList persp pexp pf pgamma pgeom phyper pi pico pictex pie pipe plclust
  plnorm plogis plot plot.default plot.design plot.ecdf plot.function plot.new plot.spec.coherency plot.spec.phase plot.stepfun plot.ts plot.window
  plot.xy pmatch pmax pmax.int pmin pmin.int pnbinom png pnorm points points.default poisson poisson.test poly polygon polym polypath polyroot
  pos.to.env possibleExtends postscript postscriptFonts power power.anova.test power.prop.test power.t.test ppoints ppois ppr prcomp precip predict
  predict.glm predict.lm preplot presidents pressure pretty pretty.default prettyNum princomp print print.AsIs print.DLLInfo print.DLLInfoList
  print.DLLRegisteredRoutines print.Date print.Dlist print.NativeRoutineList print.POSIXct print.POSIXlt print.by print.condition print.connection
  print.data.frame print.default print.difftime print.eigen print.factor print.function print.hexmode print.libraryIQR print.listof print.noquote
  print.numeric_version print.octmode print.packageInfo print.proc_time print.restart print.rle print.simple.list print.srcfile print.srcref
  print.summary.table print.summary.warnings print.summaryDefault print.table print.warnings printCoefmat prmatrix proc.time process.events prod
  profile prohibitGeneric proj promax prompt promptClass promptData promptImport promptMethods promptPackage prop.table prop.test prop.trend.test
  proportions prototype provideDimnames ps.options psigamma psignrank psmirnov pt ptukey publish_mimebundle punif pushBack pushBackLength pweibull
  pwilcox q qbeta qbinom qbirthday qcauchy qchisq qexp qf qgamma qgeom qhyper qlnorm qlogis qnbinom qnorm qpois qqline qqnorm qqplot qr qr.Q qr.R
  qr.X qr.coef qr.default qr.fitted qr.qty qr.qy qr.resid qr.solve qsignrank qsmirnov qt qtukey quade.test quakes quantile quarters quarters.Date
  quarters.POSIXt quartz quartz.options quartz.save quartzFont quartzFonts quasi quasibinomial quasipoisson quit qunif quote qweibull qwilcox
  r2dtable rWishart rainbow randu range range.default rank rapply rasterImage raw rawConnection rawConnectionValue rawShift rawToBits rawToChar
  rbeta rbind rbind.data.frame rbind2 rbinom rc.getOption rc.options rc.settings rc.status rcauchy rchisq rcond read.DIF read.csv read.csv2 read.dcf
  read.delim read.delim2 read.fortran read.ftable read.fwf read.socket read.table readBin readChar readCitationFile readLines readRDS readRenviron
  readline reconcilePropertiesAndPrototype recordGraphics recordPlot recover rect rect.hclust reformulate reg.finalizer regexec regexpr
  registerImplicitGenerics registerS3method registerS3methods regmatches relevel relist rematchDefinition remhash remove remove.packages removeClass
  removeGeneric removeMethod removeMethods removeSource removeTaskCallback reorder rep rep.Date rep.POSIXct rep.POSIXlt rep.difftime rep.factor
  rep.int rep.numeric_version rep_len repeat replace replayPlot replicate replications representation require requireMethods requireNamespace
  resetClass resetGeneric reshape resid residuals residuals.glm residuals.lm restartDescription restartFormals retracemem return returnValue rev
  rev.default rexp rf rgamma rgb rgb2hsv rgeom rhyper rivers rle rlnorm rlogis rm rmultinom rnbinom rnorm rock round round.Date round.POSIXt row
  row.names row.names.data.frame row.names.default rowMeans rowSums rownames rowsum rowsum.data.frame rowsum.default rpois rsignrank rsmirnov
  rstandard rstudent rt rtags rug runif runmed rweibull rwilcox sQuote sample sample.int sapply save save.image savePlot saveRDS savehistory scale
  scale.default scan scatter.smooth screen screeplot sd se.contrast sealClass search searchpaths seek seek.connection segments select.list
  selectMethod selectSuperClasses selfStart seq seq.Date seq.POSIXt seq.default seq.int seq_along seq_len sequence sequence.default serialize
  serverSocket sessionInfo set.seed setAs setBreakpoint setClass setClassUnion setDataPart setEPS setGeneric setGenericImplicit setGraphicsEventEnv
  setGraphicsEventHandlers setGroupGeneric setHook setIs setLoadAction setLoadActions setMethod setNames setNamespaceInfo setOldClass setPS
  setPackageName setPrimitiveMethods setRefClass setReplaceMethod setRepositories setSessionTimeLimit setTimeLimit setTxtProgressBar setValidity
  setdiff setequal sethash setwd shQuote shapiro.test show showClass showConnections showDefault showExtends showMethods showMlist sigToEnv sigma
  sign signalCondition signature signif simpleCondition simpleError simpleMessage simpleWarning simplify2array simulate sin single sinh sink
  sink.number sinpi sleep slice.index slot slotNames slotsFromS3 smooth smooth.spline smoothEnds smoothScatter socketAccept socketConnection
  socketSelect socketTimeout solve solve.default solve.qr sort sort.POSIXlt sort.default sort.int sort.list sortedXyData source spec.ar spec.pgram
  spec.taper spectrum spineplot spline splinefun splinefunH split split.Date split.POSIXct split.data.frame split.default split.screen sprintf sqrt
  srcfile srcfilealias srcfilecopy srcref stack stack.loss stack.x stackloss standardGeneric stars start startsWith stat.anova state.abb state.area
  state.center state.division state.name state.region state.x77 stderr stdin stdout stem step stepfun stl stop stopifnot storage.mode str
  str2expression str2lang strOptions strcapture strftime strheight stripchart strptime strrep strsplit strtoi strtrim structure strwidth strwrap sub
  subset subset.data.frame subset.default subset.matrix substitute substituteDirect substituteFunctionArgs substr substring sum summary summary.Date
  summary.POSIXct summary.POSIXlt summary.aov summary.connection summary.data.frame summary.default summary.factor summary.glm summary.lm
  summary.manova summary.matrix summary.proc_time summary.srcfile summary.srcref summary.stepfun summary.table summary.warnings summaryRprof
  sunflowerplot sunspot.month sunspot.year sunspots superClassDepth suppressForeignCheck suppressMessages suppressPackageStartupMessages
  suppressWarnings supsmu suspendInterrupts svd svg sweep swiss switch symbols symnum sys.call sys.calls sys.frame sys.frames sys.function
  sys.load.image sys.nframe sys.on.exit sys.parent sys.parents sys.save.image sys.source sys.status system system.file system.time system2 t
  t.data.frame t.default t.test table tabulate tail tail.matrix tan tanh tanpi tapply tar taskCallbackManager tcrossprod tempdir tempfile termplot
  terms terms.formula terrain.colors testInheritedMethods testVirtual text text.default textConnection textConnectionValue tiff time timestamp title
  toBibtex toLatex toString toString.default toeplitz tolower topenv topo.colors toupper trace traceback tracemem tracingState trans3d transform
  transform.data.frame transform.default treering trees trigamma trimws trunc trunc.Date trunc.POSIXt truncate truncate.connection try tryCatch
  tryInvokeRestart tryNew ts ts.intersect ts.plot ts.union tsSmooth tsdiag tsp txtProgressBar type.convert typeof typhash unRematchDefinition
  unclass undebug undebugcall union unique unique.POSIXlt unique.array unique.data.frame unique.default unique.matrix unique.numeric_version
  unique.warnings uniroot units units.difftime unix.time unlink unlist unloadNamespace unlockBinding unname unserialize unsplit unstack untar
  untrace untracemem unz unzip update update.default update.formula update.packages upgrade upper.tri url url.show use uspop utf8ToInt validEnc
  validObject validSlotNames validUTF8 vapply var var.test variable.names varimax vcov vector version vi vignette volcano warnErrList warning
  warningCondition warnings warpbreaks weekdays weekdays.Date weekdays.POSIXt weighted.mean weighted.residuals weights which which.max which.min
  while wilcox.test window with with.default withAutoprint withCallingHandlers withRestarts withVisible within within.data.frame within.list women
  write write.csv write.csv2 write.dcf write.ftable write.socket write.table writeBin writeChar writeLines x11 xedit xemacs xfig xinch xor
  xpdrows.data.frame xspline xtabs xtfrm xtfrm.AsIs xtfrm.Date xtfrm.POSIXct xtfrm.POSIXlt xtfrm.data.frame xtfrm.default xtfrm.difftime
  xtfrm.factor xtfrm.numeric_version xy.coords xyTable xyinch xyz.coords xzfile yinch zapsmall zip
`
    .trim()
    .split(/\s+/),
)

export function isRBuiltin(name: string): boolean {
  // Names that begin with a dot are hidden, and as a rule somebody else's; `..1` is an argument.
  return NAMES.has(name) || name.startsWith(".")
}
