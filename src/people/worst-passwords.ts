/**
 * Passwords of twelve and more characters that stand at the head of every published list of leaked ones (shorter ones are refused
 * by their length, repetitions and runs by rule). Lower case.
 */
export const WORST_PASSWORDS: ReadonlySet<string> = new Set(
  `123456789123 123456123456 1234567891011 12345678910 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc qwertyuiop123 qwerty123456 qwertyqwerty
  qwertyuiopasdfghjklzxcvbnm qwertyuiopas asdfghjkl123 asdfghjklqwertyuiop zxcvbnm12345 zaq12wsxcde3 zaq1zaq1zaq1 qazwsxedcrfv
  qazwsxedc123 1234qwerasdf qwer1234asdf asdfqwer1234 password1234 password12345 password123456 passwordpassword password1password
  passw0rd1234 p@ssw0rd1234 p@ssword1234 passwort1234 motdepasse123 contraseña123 administrator administrator1 administrator123
  admin1234567 adminadmin123 adminadminadmin letmeinletmein letmeinplease welcome12345 welcome123456 welcomewelcome changeme1234
  changemechangeme changemenow1 iloveyou1234 iloveyousomuch iloveyouforever iloveyou12345 trustno1trustno1 sunshine1234 princess1234
  football1234 baseball1234 superman1234 batman123456 dragon123456 monkey123456 master123456 michael12345 jennifer1234 abcd1234abcd
  abc123abc123 abcdef123456 abcdefg12345 a1b2c3d4e5f6 q1w2e3r4t5y6 correcthorsebatterystaple unknownunknown testtesttest test12345678
  testing12345 rootrootroot toortoortoor secret123456 secretsecret mypassword12 mypassword123 thisisapassword notapassword
  defaultpassword temporarypassword temppassword1 jupyterjupyter jupyter12345 notebook1234 notebooknotebook databricks123
  postgrespostgres postgres1234 stetstetstet companyname123 summer202020 winter202020 spring202020 autumn202020
  january12345 february1234 december1234 qwertyuiop[] 1234567890-= 0987654321qw 147258369147 159357159357 789456123789 741852963741
  pokemon12345 starwars1234 whatever1234 computer1234 internet1234 michelle1234 liverpool123 chocolate123 butterfly123 manchester12
  blink182blink myspace12345 google123456 facebook1234 linkedin1234 minecraft123 fortnite1234 hello1234567 hellohello123 helloworld123
  helloworld12 iamtheadmin1 supersecret1 supersecret12 supersecret123 topsecret123 open-sesame1 opensesame12 opensesame123`.split(/\s+/),
)
