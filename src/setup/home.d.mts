/** The directory that is Stet's own on this machine; an absolute path, and nothing is made. */
export declare function stetHome(env?: Readonly<Record<string, string | undefined>>): string

/** Why no home can be made there, in one sentence; undefined when nothing is known against it. */
export declare function refusedHome(home: string): string | undefined

export declare const HOME_REMEDY: string
