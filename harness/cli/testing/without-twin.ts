/** For commands that are not asked about the C twin: compiling it costs them as much as all else that they prepare. */
export const WITHOUT_TWIN = { CC: 'false' } as const;
